/** Adds an update. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';
import type { UpdateRecord } from '../update-record.ts';

const TEXT = `
  INSERT INTO agent_update (id, version, state, selector, concurrency, canary, max_failures,
    allow_downgrade, actor_kind, actor_name, created_at)
  VALUES ($1::uuid, $2::text, $3::text, $4::text, $5::int, $6::int, $7::int, $8::boolean, $9::text,
    $10::text, to_timestamp($11::float8 / 1000))
  RETURNING key::float8 AS key`;

const rowSchema = z.tuple([z.object({ key: z.number() })]);

/** @returns its key */
export const insertUpdate = async (
  queryable: Queryable,
  update: Omit<UpdateRecord, 'key' | 'reason' | 'endedAt'>,
): Promise<number> => {
  const { rows } = await queryable.query({
    name: 'insert_agent_update',
    text: TEXT,
    values: [
      update.id,
      update.version,
      update.state,
      update.selector ?? null,
      update.concurrency,
      update.canary ?? null,
      update.maxFailures ?? null,
      update.allowDowngrade,
      update.actor.kind,
      update.actor.name,
      update.createdAt,
    ],
  });
  return rowSchema.parse(rows)[0].key;
};

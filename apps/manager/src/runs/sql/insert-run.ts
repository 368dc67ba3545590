/** Adds a run. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';
import type { RunRecord } from '../run-record.ts';

const TEXT = `
  INSERT INTO run
    (id, name, state, request, command_id, retry_of, selector, concurrency, canary, max_failures,
     wait_until, actor_kind, actor_id, actor_name, remote_address, created_at,
     ask_after_seconds)
  VALUES
    ($1::uuid, $2::text, $3::text, $4::bytea, $5::uuid, $6::uuid, $7::text, $8::int, $9::int,
     $10::int, to_timestamp($11::float8 / 1000), $12::text, $13::uuid, $14::text, $15::text,
     to_timestamp($16::float8 / 1000), $17::float8)
  RETURNING key::float8 AS key`;

const rowSchema = z.object({ key: z.number() });

/** @returns its key */
export const insertRun = async (
  queryable: Queryable,
  run: Omit<RunRecord, 'key' | 'reason' | 'endedAt'>,
): Promise<number> => {
  const { rows } = await queryable.query({
    name: 'insert_run',
    text: TEXT,
    values: [
      run.id,
      run.name,
      run.state,
      Buffer.from(JSON.stringify(run.request)),
      run.commandId ?? null,
      run.retryOf ?? null,
      run.selector ?? null,
      run.concurrency,
      run.canary ?? null,
      run.maxFailures ?? null,
      run.waitUntil ?? null,
      run.actor.kind,
      run.actor.id ?? null,
      run.actor.name,
      run.remoteAddress ?? null,
      run.createdAt,
      run.askAfterSeconds ?? null,
    ],
  });
  return rowSchema.parse(rows[0]).key;
};

/** How far each tier has been computed; those that never were are left out. */
import type { Tier } from '@innkeeper/protocol';
import { tierSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';
import { NEVER } from './ensure-tiers.ts';

const rowsSchema = z.array(z.object({ name: tierSchema, done_until_ms: z.number() }));

const TEXT = `
  SELECT name, (extract(epoch FROM done_until) * 1000)::float8 AS done_until_ms
  FROM tier
  WHERE done_until <> '${NEVER}'::timestamptz`;

export type DoneUntil = ReadonlyMap<Tier, number>;

export const getTiers = async (database: Queryable): Promise<DoneUntil> => {
  const { rows } = await database.query({ name: 'get_tiers', text: TEXT });
  return new Map(rowsSchema.parse(rows).map((row) => [row.name, row.done_until_ms]));
};

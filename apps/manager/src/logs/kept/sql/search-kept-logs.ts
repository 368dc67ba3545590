/** Kept lines, newest first, or oldest first. */
import { z } from 'zod';
import type { Queryable } from '../../../database/database.ts';
import { logConditions, type LogConditions } from './kept-log-conditions.ts';

const rowSchema = z.object({
  id: z.string(),
  ts_ms: z.number(),
  received_ms: z.number(),
  guest_ms: z.number().nullable(),
  vm_key: z.int(),
  pid: z.int().nullable(),
  cut_bytes: z.int().nullable(),
  level: z.int(),
  stream: z.int().nullable(),
  kept_for: z.int(),
  target: z.string(),
  message: z.string(),
  cursor: z.string(),
  source: z.string().nullable(),
  fields: z.record(z.string(), z.unknown()),
});
export type KeptLogRow = z.infer<typeof rowSchema>;

export interface LogPlace {
  readonly ts: number;
  /** A bigint. */
  readonly id: string;
}

export interface LogSearchQuery extends LogConditions {
  readonly order: 'newest' | 'oldest';
  /** What comes behind this one, in that order. */
  readonly behind: LogPlace | undefined;
  readonly limit: number;
}

// ORDER BY names the table: "id" alone would be the text of the output.
const COLUMNS = `
  id::text AS id,
  (extract(epoch FROM ts) * 1000)::float8 AS ts_ms,
  (extract(epoch FROM received_at) * 1000)::float8 AS received_ms,
  (extract(epoch FROM guest_ts) * 1000)::float8 AS guest_ms,
  vm_key, pid, cut_bytes, level, stream, kept_for, target, message, cursor, source, fields`;

// Without a name: the text varies, and a plan that fits every question fits none.
export const searchKeptLogs = async (
  database: Queryable,
  query: LogSearchQuery,
): Promise<KeptLogRow[]> => {
  const { text, values } = logConditions(query);
  const { order, behind, limit } = query;
  const [way, sign] = order === 'newest' ? ['DESC', '<'] : ['ASC', '>'];
  let after = '';
  if (behind !== undefined) {
    values.push(new Date(behind.ts).toISOString(), behind.id);
    after = `AND (ts, id) ${sign} ($${values.length - 1}::timestamptz, $${values.length}::int8)`;
  }
  values.push(limit);
  const { rows } = await database.query({
    text: `SELECT ${COLUMNS}
           FROM kept_log
           WHERE ${text} ${after}
           ORDER BY kept_log.ts ${way}, kept_log.id ${way}
           LIMIT $${values.length}::int4`,
    values,
  });
  return rows.map((row) => rowSchema.parse(row));
};

/** The partitions of the tiers' tables and what they reach from and to. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const rowSchema = z.object({
  parent: z.string(),
  name: z.string(),
  from_ms: z.number(),
  until_ms: z.number(),
});
export type PartitionRow = z.infer<typeof rowSchema>;

// Postgres prints the bounds in the session's time zone, and only Postgres reads all of those.
const TEXT = `
  SELECT parent.relname AS parent,
         child.relname AS name,
         (extract(epoch FROM bounds[1]::timestamptz) * 1000)::float8 AS from_ms,
         (extract(epoch FROM bounds[2]::timestamptz) * 1000)::float8 AS until_ms
  FROM unnest($1::text[]) AS wanted (name)
  JOIN pg_class AS parent ON parent.oid = to_regclass(wanted.name)
  JOIN pg_inherits ON pg_inherits.inhparent = parent.oid
  JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
  CROSS JOIN LATERAL regexp_match(
    pg_get_expr(child.relpartbound, child.oid),
    $$FROM \\('([^']+)'\\) TO \\('([^']+)'\\)$$
  ) AS bounds
  WHERE bounds IS NOT NULL
  ORDER BY parent.relname, from_ms`;

export const listPartitions = async (
  database: Queryable,
  tables: readonly string[],
): Promise<PartitionRow[]> => {
  const { rows } = await database.query({
    name: 'list_partitions',
    text: TEXT,
    values: [tables],
  });
  return rows.map((row) => rowSchema.parse(row));
};

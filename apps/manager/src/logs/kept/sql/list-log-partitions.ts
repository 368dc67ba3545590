/** How much room the partitions of the lines take, with their indexes; oldest first. */
import { z } from 'zod';
import type { Queryable } from '../../../database/database.ts';

const rowsSchema = z.array(z.object({ name: z.string(), bytes: z.number() }));
export type LogPartitionSize = z.infer<typeof rowsSchema>[number];

// Their names sort as time does. One that is being dropped has no size.
const TEXT = `
  SELECT child.relname AS name,
         coalesce(pg_total_relation_size(child.oid), 0)::float8 AS bytes
  FROM pg_inherits
  JOIN pg_class AS child ON child.oid = inhrelid
  WHERE inhparent = 'kept_log'::regclass
  ORDER BY child.relname`;

export const listLogPartitions = async (database: Queryable): Promise<LogPartitionSize[]> => {
  const { rows } = await database.query({ name: 'list_log_partitions', text: TEXT });
  return rowsSchema.parse(rows);
};

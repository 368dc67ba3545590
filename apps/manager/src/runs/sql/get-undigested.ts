/** Reads which executions are over, without a digest of their output. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  SELECT key::float8 AS key FROM execution
  WHERE run_key = $1::bigint AND ended_at IS NOT NULL AND output_digest IS NULL
  ORDER BY position
  LIMIT $2::int`;

const rowsSchema = z.array(z.object({ key: z.number() }));

export const getUndigested = async (
  queryable: Queryable,
  runKey: number,
  max: number,
): Promise<number[]> => {
  const { rows } = await queryable.query({
    name: 'get_undigested',
    text: TEXT,
    values: [runKey, max],
  });
  return rowsSchema.parse(rows).map(({ key }) => key);
};

/** Reads the end of an execution's output. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  SELECT right_end.data
  FROM (
    SELECT seq, CASE WHEN octet_length(data) > $3::int
      THEN substr(data, octet_length(data) - $3::int + 1) ELSE data END AS data
    FROM run_event
    WHERE execution_key = $1::bigint AND kind IN ('stdout', 'stderr')
    ORDER BY seq DESC
    LIMIT $2::int
  ) AS right_end
  ORDER BY right_end.seq`;

const rowsSchema = z.array(z.object({ data: z.instanceof(Buffer) }));

export const getLastOutput = async (
  queryable: Queryable,
  executionKey: number,
  most: { readonly events: number; readonly bytesOfEach: number },
): Promise<Buffer> => {
  const { rows } = await queryable.query({
    name: 'get_last_output',
    text: TEXT,
    values: [executionKey, most.events, most.bytesOfEach],
  });
  return Buffer.concat(rowsSchema.parse(rows).map(({ data }) => data));
};

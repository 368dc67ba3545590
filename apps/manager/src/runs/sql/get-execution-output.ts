/** Reads output of an execution after one event, and the marks of what is missing from it. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

export interface OutputChunk {
  readonly seq: number;
  readonly at: number;
  readonly kind: 'stdout' | 'stderr' | 'dropped';
  readonly data: Buffer;
}

const TEXT = `
  SELECT seq, at, kind, data
  FROM (
    SELECT seq, at, kind, data, sum(octet_length(data)) OVER (ORDER BY seq) - octet_length(data) AS before
    FROM (
      SELECT seq::float8 AS seq, round(extract(epoch FROM at) * 1000)::float8 AS at, kind, data
      FROM run_event
      WHERE execution_key = $1::bigint AND run_event.seq > $2::bigint
        AND kind IN ('stdout', 'stderr', 'dropped')
      ORDER BY run_event.seq
      LIMIT $3::int
    ) AS next
  ) AS summed
  WHERE before < $4::bigint
  ORDER BY seq`;

const rowsSchema = z.array(
  z.object({
    seq: z.number(),
    at: z.number(),
    kind: z.enum(['stdout', 'stderr', 'dropped']),
    data: z.instanceof(Buffer),
  }),
);

export const getExecutionOutput = async (
  queryable: Queryable,
  wanted: {
    readonly executionKey: number;
    readonly after: number;
    readonly maxEvents: number;
    readonly maxBytes: number;
  },
): Promise<OutputChunk[]> => {
  const { executionKey, after, maxEvents, maxBytes } = wanted;
  const { rows } = await queryable.query({
    name: 'get_execution_output',
    text: TEXT,
    values: [executionKey, after, maxEvents, maxBytes],
  });
  return rowsSchema.parse(rows);
};

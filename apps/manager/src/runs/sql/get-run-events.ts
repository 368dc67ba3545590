/** Reads events of a run after one of them: so many, and about so many bytes. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';
import type { StoredEvent } from '../run-record.ts';

// The bytes are summed over a window that the limit bounds; one event is always read.
const TEXT = `
  SELECT seq::float8 AS seq, execution_key::float8 AS execution_key,
    round(extract(epoch FROM at) * 1000)::float8 AS at, kind, data
  FROM (
    SELECT seq, execution_key, at, kind, data,
      sum(octet_length(data)) OVER (ORDER BY seq) - octet_length(data) AS before
    FROM (
      SELECT seq, execution_key, at, kind, data
      FROM run_event
      WHERE run_key = $1::bigint AND seq > $2::bigint
      ORDER BY seq
      LIMIT $3::int
    ) AS next
  ) AS summed
  WHERE before < $4::bigint
  ORDER BY seq`;

const rowsSchema = z.array(
  z.object({
    seq: z.number(),
    execution_key: z.number().nullable(),
    at: z.number(),
    kind: z.enum(['stdout', 'stderr', 'progress', 'dropped', 'execution', 'run']),
    data: z.instanceof(Buffer),
  }),
);

export const getRunEvents = async (
  queryable: Queryable,
  wanted: {
    readonly runKey: number;
    readonly after: number;
    readonly maxEvents: number;
    readonly maxBytes: number;
  },
): Promise<StoredEvent[]> => {
  const { runKey, after, maxEvents, maxBytes } = wanted;
  const { rows } = await queryable.query({
    name: 'get_run_events',
    text: TEXT,
    values: [runKey, after, maxEvents, maxBytes],
  });
  return rowsSchema.parse(rows).map((row) => ({
    runKey,
    seq: row.seq,
    executionKey: row.execution_key ?? undefined,
    at: row.at,
    kind: row.kind,
    data: row.data,
  }));
};

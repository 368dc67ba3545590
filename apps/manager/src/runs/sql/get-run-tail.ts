/** Reads after which event the end of a run's output begins: so many events, about so many bytes. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  SELECT coalesce(min(seq) - 1, 0)::float8 AS after, coalesce(max(seq), 0)::float8 AS last
  FROM (
    SELECT seq, sum(octet_length(data)) OVER (ORDER BY seq DESC) AS bytes
    FROM (
      SELECT seq, data FROM run_event
      WHERE run_key = $1::bigint
      ORDER BY seq DESC
      LIMIT $2::int
    ) AS newest
  ) AS summed
  WHERE bytes <= $3::bigint`;

const rowSchema = z.object({ after: z.number(), last: z.number() });

export const getRunTail = async (
  queryable: Queryable,
  runKey: number,
  { events, bytes }: { readonly events: number; readonly bytes: number },
): Promise<{ readonly after: number; readonly last: number }> => {
  const { rows } = await queryable.query({
    name: 'get_run_tail',
    text: TEXT,
    values: [runKey, events, bytes],
  });
  return rowSchema.parse(rows[0]);
};

/** When the last samples of a VM within a range were taken. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const rowSchema = z.object({ ms: z.number() });

const TEXT = `
  SELECT (extract(epoch FROM ts) * 1000)::float8 AS ms
  FROM sample
  WHERE vm_key = $1::int4 AND ts >= $2::timestamptz AND ts < $3::timestamptz
  ORDER BY ts DESC
  LIMIT 20`;

/** Without a name, as in `get-history-part.ts`. */
export const getLastMoments = async (
  database: Queryable,
  vmKey: number,
  from: number,
  to: number,
): Promise<number[]> => {
  const { rows } = await database.query({
    text: TEXT,
    values: [vmKey, new Date(from).toISOString(), new Date(to).toISOString()],
  });
  return rows.map((row) => rowSchema.parse(row).ms);
};

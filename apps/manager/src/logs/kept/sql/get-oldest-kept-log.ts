/** The time of the oldest line that is kept. */
import { z } from 'zod';
import type { Queryable } from '../../../database/database.ts';

const rowsSchema = z.array(z.object({ ts_ms: z.number() }));

const TEXT = `
  SELECT (extract(epoch FROM ts) * 1000)::float8 AS ts_ms
  FROM kept_log
  ORDER BY ts
  LIMIT 1`;

export const getOldestKeptLog = async (database: Queryable): Promise<number | undefined> => {
  const { rows } = await database.query({ name: 'get_oldest_kept_log', text: TEXT });
  return rowsSchema.parse(rows)[0]?.ts_ms;
};

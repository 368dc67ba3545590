/** How many kept lines of each level there are in each step from `from` on. */
import { z } from 'zod';
import type { Queryable } from '../../../database/database.ts';
import { logConditions, type LogConditions } from './kept-log-conditions.ts';

const rowsSchema = z.array(z.object({ step: z.int(), level: z.int(), lines: z.int() }));
export type LogCount = z.infer<typeof rowsSchema>[number];

export const countKeptLogs = async (
  database: Queryable,
  conditions: LogConditions,
  { origin, stepMs }: { readonly origin: number; readonly stepMs: number },
): Promise<LogCount[]> => {
  const { text, values } = logConditions(conditions);
  values.push(new Date(origin).toISOString(), stepMs);
  const start = `$${values.length - 1}::timestamptz`;
  const step = `$${values.length}::int8`;
  const { rows } = await database.query({
    text: `SELECT (extract(epoch FROM bin - ${start}) * 1000 / ${step})::int4 AS step,
                  level,
                  least(lines, 2147483647)::int4 AS lines
           FROM (
             SELECT date_bin(${step} * '1 millisecond'::interval, ts, ${start}) AS bin,
                    level,
                    count(*) AS lines
             FROM kept_log
             WHERE ${text}
             GROUP BY 1, 2
           ) AS bins`,
    values,
  });
  return rowsSchema.parse(rows);
};

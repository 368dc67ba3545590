/** The time of the oldest line that is kept, of all VMs or of some. */
import { z } from 'zod';
import type { Queryable } from '../../../database/database.ts';

const rowsSchema = z.array(z.object({ ts_ms: z.number() }));

const OF_ALL = `
  SELECT (extract(epoch FROM ts) * 1000)::float8 AS ts_ms
  FROM kept_log
  ORDER BY ts
  LIMIT 1`;

/** VM by VM: each is one look into its index, where the order of time would pass by all others. */
const OF_SOME = `
  SELECT (extract(epoch FROM oldest.ts) * 1000)::float8 AS ts_ms
  FROM unnest($1::int4[]) AS vm (key)
  CROSS JOIN LATERAL (
    SELECT ts FROM kept_log WHERE vm_key = vm.key ORDER BY ts LIMIT 1
  ) AS oldest
  ORDER BY oldest.ts
  LIMIT 1`;

/** `vmKeys` undefined: of all VMs. */
export const getOldestKeptLog = async (
  database: Queryable,
  vmKeys: readonly number[] | undefined,
): Promise<number | undefined> => {
  const { rows } = await database.query(
    vmKeys === undefined
      ? { name: 'get_oldest_kept_log', text: OF_ALL }
      : { name: 'get_oldest_kept_log_of', text: OF_SOME, values: [vmKeys] },
  );
  return rowsSchema.parse(rows)[0]?.ts_ms;
};

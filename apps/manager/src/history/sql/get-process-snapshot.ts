/** The last list of a VM's processes that was stored within a range; both ends belong to it. */
import type { PastProcess } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';
import { decodeTop } from '../../store/process-row.ts';

const rowSchema = z.object({ at_ms: z.number(), top: z.unknown() });

const TEXT = `
  SELECT (extract(epoch FROM ts) * 1000)::float8 AS at_ms, top
  FROM process_snapshot
  WHERE vm_key = $1::int4 AND ts >= $2::timestamptz AND ts <= $3::timestamptz
  ORDER BY ts DESC
  LIMIT 1`;

export interface StoredSnapshot {
  readonly at: number;
  readonly processes: PastProcess[];
}

/** Without a name, as in `get-history-part.ts`. */
export const getProcessSnapshot = async (
  database: Queryable,
  vmKey: number,
  from: number,
  to: number,
): Promise<StoredSnapshot | undefined> => {
  const { rows } = await database.query({
    text: TEXT,
    values: [vmKey, new Date(from).toISOString(), new Date(to).toISOString()],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  const { at_ms: at, top } = rowSchema.parse(row);
  return { at: Math.round(at), processes: decodeTop(top) };
};

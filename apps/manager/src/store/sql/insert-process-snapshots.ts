/** Adds lists of processes; those that are there from a write whose answer got lost stay as they are. */
import type { Queryable } from '../../database/database.ts';
import type { ProcessSnapshotRow } from '../process-buffer.ts';

const TEXT = `
  INSERT INTO process_snapshot (vm_key, ts, top)
  SELECT * FROM unnest($1::int4[], $2::timestamptz[], $3::json[])
  ON CONFLICT (vm_key, ts) DO NOTHING`;

export const insertProcessSnapshots = async (
  database: Queryable,
  rows: readonly ProcessSnapshotRow[],
): Promise<number> => {
  const { rowCount } = await database.query({
    name: 'insert_process_snapshots',
    text: TEXT,
    values: [
      rows.map((row) => row.vmKey),
      rows.map((row) => new Date(row.at).toISOString()),
      rows.map((row) => row.top),
    ],
  });
  return rowCount;
};

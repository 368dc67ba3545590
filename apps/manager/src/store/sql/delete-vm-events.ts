/** Deletes some of the events of VMs that are older than this. */
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  DELETE FROM vm_event
  WHERE (vm_key, id) IN (
    SELECT vm_key, id FROM vm_event WHERE at < $1::timestamptz LIMIT $2::int4
  )`;

export const deleteVmEvents = async (
  database: Queryable,
  beforeMs: number,
  max: number,
): Promise<number> => {
  const { rowCount } = await database.query({
    name: 'delete_vm_events',
    text: TEXT,
    values: [new Date(beforeMs).toISOString(), max],
  });
  return rowCount;
};

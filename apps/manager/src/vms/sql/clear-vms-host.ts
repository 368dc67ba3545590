/** Takes the VMs off a host that is about to be removed. */
import type { Queryable } from '../../database/database.ts';
import type { VmRecord } from '../vm-record.ts';
import { parseVmRow } from '../vm-row.ts';
import { VM_COLUMNS } from './vm-columns.ts';

export const clearVmsHost = async (database: Queryable, hostId: string): Promise<VmRecord[]> => {
  const { rows } = await database.query({
    name: 'clear-vms-host',
    text: `UPDATE vm SET host_id = NULL, updated_at = now()
      WHERE host_id = $1::uuid
      RETURNING ${VM_COLUMNS}`,
    values: [hostId],
  });
  return rows.map(parseVmRow);
};

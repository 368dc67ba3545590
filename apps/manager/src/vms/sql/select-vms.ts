/** Every VM, once at the start. */
import type { Queryable } from '../../database/database.ts';
import type { VmRecord } from '../vm-record.ts';
import { parseVmRow } from '../vm-row.ts';
import { VM_COLUMNS } from './vm-columns.ts';

export const selectVms = async (database: Queryable): Promise<VmRecord[]> => {
  const { rows } = await database.query({
    name: 'select-vms',
    text: `SELECT ${VM_COLUMNS} FROM vm ORDER BY key`,
  });
  return rows.map(parseVmRow);
};

/** From now on the VM's agent must say its id; undefined: there is no such VM any more. */
import type { Queryable } from '../../database/database.ts';
import type { VmRecord } from '../vm-record.ts';
import { parseVmRow } from '../vm-row.ts';
import { VM_COLUMNS } from './vm-columns.ts';

export const markEnrolled = async (
  database: Queryable,
  id: string,
): Promise<VmRecord | undefined> => {
  const { rows } = await database.query({
    name: 'mark-enrolled',
    text: `UPDATE vm SET enrolled_at = now(), updated_at = now()
      WHERE id = $1::uuid
      RETURNING ${VM_COLUMNS}`,
    values: [id],
  });
  return rows.length === 0 ? undefined : parseVmRow(rows[0]);
};

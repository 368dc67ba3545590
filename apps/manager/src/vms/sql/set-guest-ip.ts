/** Where a VM's agent answers; undefined: there is no such VM any more. */
import type { Queryable } from '../../database/database.ts';
import type { VmRecord } from '../vm-record.ts';
import { parseVmRow } from '../vm-row.ts';
import { VM_COLUMNS } from './vm-columns.ts';

export interface AddressToSet {
  readonly id: string;
  /** Undefined clears it. */
  readonly guestIp: string | undefined;
  readonly agentPort: number;
}

export const setGuestIp = async (
  database: Queryable,
  { id, guestIp, agentPort }: AddressToSet,
): Promise<VmRecord | undefined> => {
  const { rows } = await database.query({
    name: 'set-guest-ip',
    text: `UPDATE vm SET guest_ip = $2::inet, agent_port = $3::integer, updated_at = now()
      WHERE id = $1::uuid
      RETURNING ${VM_COLUMNS}`,
    values: [id, guestIp ?? null, agentPort],
  });
  return rows.length === 0 ? undefined : parseVmRow(rows[0]);
};

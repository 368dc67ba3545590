/** Registers a VM. */
import type { Queryable } from '../../database/database.ts';
import type { VmRecord } from '../vm-record.ts';
import { parseVmRow } from '../vm-row.ts';
import { VM_COLUMNS } from './vm-columns.ts';

export type VmToInsert = Pick<
  VmRecord,
  'name' | 'guestIp' | 'agentPort' | 'agentSocket' | 'hostId' | 'vmm' | 'labels' | 'isLocal'
>;

export const insertVm = async (database: Queryable, vm: VmToInsert): Promise<VmRecord> => {
  const { rows } = await database.query({
    name: 'insert-vm',
    text: `INSERT INTO vm (name, guest_ip, agent_port, agent_socket, host_id, vmm, labels, is_local,
        enrolled_at)
      VALUES ($1::text, $2::inet, $3::integer, $4::jsonb, $5::uuid, $6::jsonb, $7::jsonb,
        $8::boolean, CASE WHEN $8::boolean THEN now() END)
      RETURNING ${VM_COLUMNS}`,
    values: [
      vm.name,
      vm.guestIp ?? null,
      vm.agentPort,
      vm.agentSocket === undefined ? null : JSON.stringify(vm.agentSocket),
      vm.hostId ?? null,
      vm.vmm === undefined ? null : JSON.stringify(vm.vmm),
      JSON.stringify(vm.labels),
      vm.isLocal,
    ],
  });
  return parseVmRow(rows[0]);
};

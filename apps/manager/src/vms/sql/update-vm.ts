/** Changes what people say of a VM; undefined: there is no such VM any more. */
import type { Queryable } from '../../database/database.ts';
import type { VmRecord } from '../vm-record.ts';
import { parseVmRow } from '../vm-row.ts';
import { VM_COLUMNS } from './vm-columns.ts';

export type VmToUpdate = Pick<
  VmRecord,
  'id' | 'name' | 'agentPort' | 'agentSocket' | 'hostId' | 'vmm' | 'labels'
>;

export const updateVm = async (
  database: Queryable,
  vm: VmToUpdate,
): Promise<VmRecord | undefined> => {
  const { rows } = await database.query({
    name: 'update-vm',
    text: `UPDATE vm SET name = $2::text, agent_port = $3::integer,
        agent_socket = $4::jsonb, host_id = $5::uuid, vmm = $6::jsonb, labels = $7::jsonb,
        updated_at = now()
      WHERE id = $1::uuid
      RETURNING ${VM_COLUMNS}`,
    values: [
      vm.id,
      vm.name,
      vm.agentPort,
      vm.agentSocket === undefined ? null : JSON.stringify(vm.agentSocket),
      vm.hostId ?? null,
      vm.vmm === undefined ? null : JSON.stringify(vm.vmm),
      JSON.stringify(vm.labels),
    ],
  });
  return rows.length === 0 ? undefined : parseVmRow(rows[0]);
};

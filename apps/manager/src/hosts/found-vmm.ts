/** A VMM that nobody has registered, as the API tells it. */
import type { FoundVmm, VmmProcess } from '@innkeeper/protocol';

export const foundIdOf = ({ pid, start_ticks }: Pick<VmmProcess, 'pid' | 'start_ticks'>): string =>
  `${pid}-${BigInt(Math.trunc(start_ticks))}`;

export const presentFound = (hostId: string, vmm: VmmProcess): FoundVmm => ({
  id: foundIdOf(vmm),
  host_id: hostId,
  kind: vmm.kind,
  pid: vmm.pid,
  start_ticks: vmm.start_ticks,
  started_at: vmm.started_at,
  uuid: vmm.uuid,
  name: vmm.name,
  vmm_id: vmm.id,
  vcpu_count: vmm.vcpus.ok ? vmm.vcpus.count : null,
  memory_configured_bytes: vmm.memory.ok ? vmm.memory.configured_bytes : null,
  taps: vmm.network.ok ? vmm.network.taps.map(({ tap }) => tap) : [],
});

/** A VM as the API tells it. */
import type { Reading, Vm } from '@innkeeper/protocol';
import type { AgentState } from '../updates/agent-states.ts';
import type { VmRecord } from './vm-record.ts';

export const presentVm = (vm: VmRecord, reading: Reading, agent: AgentState): Vm => ({
  id: vm.id,
  key: vm.key,
  name: vm.name,
  guest_ip: vm.guestIp ?? null,
  agent_port: vm.agentPort,
  agent_socket: vm.agentSocket ?? null,
  host_id: vm.hostId ?? null,
  vmm: vm.vmm ?? null,
  labels: vm.labels,
  enrolled: vm.enrolledAt !== undefined,
  tls_pin: vm.tlsPin ?? null,
  is_local: vm.isLocal,
  agent_version: agent.version ?? null,
  agent_update: agent.update ?? null,
  created_at: vm.createdAt,
  updated_at: vm.updatedAt,
  latest: {
    state: reading.state,
    origin: reading.origin,
    reason: reading.reason,
    taken_at: reading.taken_at,
    age_ms: reading.age_ms,
    uptime_seconds: reading.uptime_seconds,
    cpu_usage_percent: reading.cpu_usage_percent,
    memory_usage_percent: reading.memory_usage_percent,
    network_rx_bytes_per_second: reading.network_rx_bytes_per_second,
    network_tx_bytes_per_second: reading.network_tx_bytes_per_second,
    disk_read_bytes_per_second: reading.disk_read_bytes_per_second,
    disk_write_bytes_per_second: reading.disk_write_bytes_per_second,
  },
});

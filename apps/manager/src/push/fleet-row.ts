/** A VM and its reading as the fleet's events have them. */
import type { FleetMember, FleetRow, Reading } from '@innkeeper/protocol';
import type { AgentState } from '../updates/agent-states.ts';
import type { VmRecord } from '../vms/vm-record.ts';

export const fleetRow = ({ key }: VmRecord, reading: Reading): FleetRow => ({
  key,
  state: reading.state,
  origin: reading.origin,
  reason: reading.reason,
  ageMs: reading.age_ms,
  cpuUsagePercent: reading.cpu_usage_percent,
  memoryUsagePercent: reading.memory_usage_percent,
  networkRxBytesPerSecond: reading.network_rx_bytes_per_second,
  networkTxBytesPerSecond: reading.network_tx_bytes_per_second,
  diskReadBytesPerSecond: reading.disk_read_bytes_per_second,
  diskWriteBytesPerSecond: reading.disk_write_bytes_per_second,
  uptimeSeconds: reading.uptime_seconds,
  memoryTotalBytes: reading.memory_total_bytes,
  cpuCount: reading.cpu_count,
});

export const fleetMember = (vm: VmRecord, agent: AgentState): FleetMember => ({
  key: vm.key,
  id: vm.id,
  name: vm.name,
  host_id: vm.hostId ?? null,
  guest_ip: vm.guestIp ?? null,
  is_local: vm.isLocal,
  labels: vm.labels,
  agent_version: agent.version ?? null,
  agent_update: agent.update ?? null,
});

const sameLabels = (one: VmRecord['labels'], other: VmRecord['labels']): boolean => {
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && one[key] === other[key])
  );
};

/** Whether a change shows in the fleet at all. */
export const sameMember = (one: VmRecord, other: VmRecord): boolean =>
  one.key === other.key &&
  one.name === other.name &&
  one.hostId === other.hostId &&
  one.guestIp === other.guestIp &&
  one.isLocal === other.isLocal &&
  sameLabels(one.labels, other.labels);

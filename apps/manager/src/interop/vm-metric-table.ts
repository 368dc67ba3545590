/** What of a reading becomes a gauge, in base units, and under what name. */
import type { Reading } from '@innkeeper/protocol';

export interface VmMetric {
  readonly name: string;
  readonly help: string;
  readonly read: (reading: Reading) => number | null;
}

const ratio = (percent: number | null): number | null => (percent === null ? null : percent / 100);
const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1_000);

const metric = (name: string, help: string, read: VmMetric['read']): VmMetric => ({
  name: `innkeeper_vm_${name}`,
  help,
  read,
});

export const VM_METRICS: readonly VmMetric[] = [
  metric('reading_age_seconds', 'How old the values of this VM are.', (r) => seconds(r.age_ms)),
  metric('agent_last_seen_timestamp_seconds', "When the guest's agent last answered.", (r) =>
    seconds(r.agent_seen_at),
  ),
  metric('pull_duration_seconds', 'How long the last pull took.', (r) => r.pull_seconds),
  metric('clock_offset_seconds', "The guest's clock minus the manager's.", (r) =>
    seconds(r.clock_offset_ms),
  ),
  metric('uptime_seconds', 'Since the guest has booted.', (r) => r.uptime_seconds),
  metric('cpus', 'CPUs of the guest.', (r) => r.cpu_count),
  metric('cpu_usage_ratio', 'Busy share of all CPUs.', (r) => ratio(r.cpu_usage_percent)),
  metric('cpu_user_ratio', 'Share of time in user mode.', (r) => ratio(r.cpu_user_percent)),
  metric('cpu_system_ratio', 'Share of time in the kernel.', (r) => ratio(r.cpu_system_percent)),
  metric('cpu_iowait_ratio', 'Share of time idle with I/O under way.', (r) =>
    ratio(r.cpu_iowait_percent),
  ),
  metric('cpu_steal_ratio', 'Share of time that the hypervisor took.', (r) =>
    ratio(r.cpu_steal_percent),
  ),
  metric('memory_usage_ratio', 'Used share of memory.', (r) => ratio(r.memory_usage_percent)),
  metric('memory_used_bytes', 'Used memory.', (r) => r.memory_used_bytes),
  metric('memory_size_bytes', 'All memory.', (r) => r.memory_total_bytes),
  metric(
    'memory_available_bytes',
    'Memory that programs could still get.',
    (r) => r.memory_available_bytes,
  ),
  metric('memory_cached_bytes', 'Page cache.', (r) => r.memory_cached_bytes),
  metric('swap_used_bytes', 'Used swap.', (r) => r.swap_used_bytes),
  metric('swap_size_bytes', 'All swap.', (r) => r.swap_total_bytes),
  metric('load1', 'Load average over 1 minute.', (r) => r.load1),
  metric('load5', 'Load average over 5 minutes.', (r) => r.load5),
  metric('load15', 'Load average over 15 minutes.', (r) => r.load15),
  metric('pressure_cpu_ratio', 'Share of time in which a task waited for CPU.', (r) =>
    ratio(r.pressure_cpu_percent),
  ),
  metric('pressure_memory_ratio', 'Share of time in which a task waited for memory.', (r) =>
    ratio(r.pressure_memory_percent),
  ),
  metric('pressure_io_ratio', 'Share of time in which a task waited for I/O.', (r) =>
    ratio(r.pressure_io_percent),
  ),
  metric('processes', 'Processes of the guest.', (r) => r.process_count),
  metric('processes_running', 'Processes that run or could.', (r) => r.processes_running),
  metric('processes_blocked', 'Processes that wait for I/O.', (r) => r.processes_blocked),
  metric(
    'network_receive_bytes_per_second',
    'Received, over all interfaces.',
    (r) => r.network_rx_bytes_per_second,
  ),
  metric(
    'network_transmit_bytes_per_second',
    'Sent, over all interfaces.',
    (r) => r.network_tx_bytes_per_second,
  ),
  metric(
    'network_problems_per_second',
    'Errors and drops, both ways.',
    (r) => r.network_problems_per_second,
  ),
  metric(
    'disk_read_bytes_per_second',
    'Read, over all disks.',
    (r) => r.disk_read_bytes_per_second,
  ),
  metric(
    'disk_write_bytes_per_second',
    'Written, over all disks.',
    (r) => r.disk_write_bytes_per_second,
  ),
  metric('disk_reads_per_second', 'Finished reads.', (r) => r.disk_reads_per_second),
  metric('disk_writes_per_second', 'Finished writes.', (r) => r.disk_writes_per_second),
  metric('disk_read_await_seconds', 'How long a read took.', (r) => r.disk_read_await_seconds),
  metric('disk_write_await_seconds', 'How long a write took.', (r) => r.disk_write_await_seconds),
  metric('disk_busy_ratio', 'Busy share of the busiest disk.', (r) => ratio(r.disk_busy_percent)),
  metric('filesystem_usage_ratio', 'Used share of the fullest filesystem.', (r) =>
    ratio(r.filesystem_usage_percent),
  ),
];

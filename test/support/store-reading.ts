/** Readings, clocks and logs for the tests of the store and the history. */
import { METRIC_FIELDS, type MetricField, type Reading } from '@innkeeper/protocol';

const NO_PARTS = { cpu: null, memory: null, network: null, disk: null };

/** All values unknown, of an agent that answers. */
export const makeReading = (changes: Partial<Reading> = {}): Reading => ({
  vm_id: '6f1c2a34-0000-4000-8000-000000000001',
  taken_at: 0,
  age_ms: 0,
  state: 'up',
  origin: 'guest',
  reason: null,
  message: null,
  reasons: NO_PARTS,
  origins: NO_PARTS,
  identity: 'verified',
  agent_seen_at: null,
  boot_id: null,
  uptime_seconds: null,
  clock_offset_ms: null,
  pull_seconds: null,
  next_pull_at: null,
  cpu_usage_percent: null,
  cpu_user_percent: null,
  cpu_system_percent: null,
  cpu_iowait_percent: null,
  cpu_steal_percent: null,
  cpu_count: null,
  cores: null,
  memory_usage_percent: null,
  memory_used_bytes: null,
  memory_total_bytes: null,
  memory_available_bytes: null,
  memory_cached_bytes: null,
  swap_used_bytes: null,
  swap_total_bytes: null,
  load1: null,
  load5: null,
  load15: null,
  pressure_cpu_percent: null,
  pressure_memory_percent: null,
  pressure_io_percent: null,
  process_count: null,
  processes_running: null,
  processes_blocked: null,
  network_rx_bytes_per_second: null,
  network_tx_bytes_per_second: null,
  network_problems_per_second: null,
  disk_read_bytes_per_second: null,
  disk_write_bytes_per_second: null,
  disk_reads_per_second: null,
  disk_writes_per_second: null,
  disk_read_await_seconds: null,
  disk_write_await_seconds: null,
  disk_busy_percent: null,
  filesystem_usage_percent: null,
  networks: null,
  disks: null,
  filesystems: null,
  top: null,
  top_at: null,
  host: null,
  ...changes,
});

export const makeHostView = (cpuUsagePercent: number | null): NonNullable<Reading['host']> => ({
  host_id: '6f1c2a34-0000-4000-8000-00000000000a',
  taken_at: 0,
  vmm_state: 'running',
  qmp_status: null,
  kind: null,
  pid: null,
  started_at: null,
  cpu_usage_percent: cpuUsagePercent,
  vcpu_count: null,
  process_cpus: null,
  memory_usage_percent: null,
  memory_rss_bytes: null,
  memory_pss_bytes: null,
  memory_configured_bytes: null,
  network_rx_bytes_per_second: null,
  network_tx_bytes_per_second: null,
  disk_read_bytes_per_second: null,
  disk_write_bytes_per_second: null,
  origins: NO_PARTS,
  reasons: NO_PARTS,
});

/** A reading with this value in each field: of the guest, and in the host's view beside it. */
export const readingWith = (
  takenAt: number,
  valueOf: (field: MetricField) => number | null,
  changes: Partial<Reading> = {},
): Reading =>
  makeReading({
    taken_at: takenAt,
    ...Object.fromEntries(
      METRIC_FIELDS.filter((field) => field !== 'host_cpu_usage_percent').map((field) => [
        field,
        valueOf(field),
      ]),
    ),
    host: makeHostView(valueOf('host_cpu_usage_percent')),
    ...changes,
  });

export interface FakeClock {
  now(): number;
  monotonicMs(): number;
  set(now: number): void;
  advance(ms: number): void;
}

/** Stands still until it is told otherwise. */
export const makeFakeClock = (start: number): FakeClock => {
  let now = start;
  let passed = 0;
  return {
    now: () => now,
    monotonicMs: () => passed,
    set: (time) => {
      now = time;
    },
    advance: (ms) => {
      now += ms;
      passed += ms;
    },
  };
};

export interface RecordingLog {
  readonly lines: readonly string[];
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export const makeRecordingLog = (): RecordingLog => {
  const lines: string[] = [];
  const note = (level: string) => (message: string) => {
    lines.push(`${level}: ${message}`);
  };
  return {
    lines,
    debug: note('debug'),
    info: note('info'),
    warn: note('warn'),
    error: note('error'),
  };
};

/** Samples for tests: a small VM, one second apart, of which each test changes what it is about. */
import type { CpuSeconds, Sample } from '@innkeeper/protocol';
import type { Timed } from '../rate/timed.ts';

const BOOT_ID = '11111111-1111-4111-8111-111111111111';
export const START_MS = 1_760_000_000_000;

const cpuSeconds = (seconds: Partial<CpuSeconds> = {}): CpuSeconds => ({
  user: 0,
  nice: 0,
  system: 0,
  idle: 0,
  iowait: 0,
  irq: 0,
  softirq: 0,
  steal: 0,
  guest: 0,
  guest_nice: 0,
  ...seconds,
});

export const cpuOf = (
  total: Partial<CpuSeconds>,
  ...cores: readonly Partial<CpuSeconds>[]
): NonNullable<Sample['cpu']> => ({
  count: Math.max(1, cores.length),
  seconds: cpuSeconds(total),
  cores: cores.map((seconds, cpu) => ({ cpu, seconds: cpuSeconds(seconds) })),
});

type Network = NonNullable<Sample['networks']>[number];
type Disk = NonNullable<Sample['disks']>[number];
type Filesystem = NonNullable<Sample['filesystems']>[number];

export const network = (
  device: string,
  rx: number,
  tx: number,
  more: Partial<Network> = {},
): Network => ({
  device,
  operstate: 'up',
  receive_bytes_total: rx,
  receive_packets_total: 0,
  receive_errs_total: 0,
  receive_drop_total: 0,
  transmit_bytes_total: tx,
  transmit_packets_total: 0,
  transmit_errs_total: 0,
  transmit_drop_total: 0,
  ...more,
});

export const disk = (
  device: string,
  read: number,
  written: number,
  more: Partial<Disk> = {},
): Disk => ({
  device,
  reads_completed_total: 0,
  read_bytes_total: read,
  read_seconds_total: 0,
  writes_completed_total: 0,
  written_bytes_total: written,
  write_seconds_total: 0,
  io_seconds_total: 0,
  io_weighted_seconds_total: 0,
  io_in_progress: 0,
  ...more,
});

export const filesystem = (mountpoint: string, more: Partial<Filesystem> = {}): Filesystem => ({
  device: '/dev/vda1',
  mountpoint,
  fstype: 'ext4',
  readonly: false,
  size_bytes: 100_000,
  free_bytes: 60_000,
  available_bytes: 50_000,
  files: 1000,
  files_free: 900,
  error: null,
  ...more,
});

export const sample = (more: Partial<Sample> = {}): Sample => ({
  vm_id: null,
  boot_id: BOOT_ID,
  taken_at: START_MS,
  uptime_seconds: 1000,
  cpu_usage_percent: null,
  memory_usage_percent: null,
  memory_used_kb: null,
  memory_total_kb: null,
  memory_available_kb: null,
  load_average: null,
  process_count: 90,
  cpu: cpuOf({ user: 10, idle: 90 }),
  memory: {
    total_bytes: 1000,
    available_bytes: 750,
    used_bytes: 250,
    free_bytes: 500,
    buffers_bytes: 10,
    cached_bytes: 100,
    shared_bytes: 0,
    slab_reclaimable_bytes: 20,
    dirty_bytes: 0,
    committed_bytes: 0,
  },
  swap: { total_bytes: 100, free_bytes: 60, used_bytes: 40 },
  load: { load1: 0.5, load5: 0.4, load15: 0.3 },
  pressure: {
    cpu: { some: { avg10: 3, avg60: 2, avg300: 1, total_seconds: 5 }, full: null },
    memory: { some: { avg10: 0, avg60: 0, avg300: 0, total_seconds: 0 }, full: null },
    io: null,
  },
  disks: [disk('vda', 1000, 2000)],
  filesystems: [filesystem('/')],
  networks: [network('lo', 5, 5), network('eth0', 100, 200)],
  processes: { total: 90, running: 2, blocked: 1, scanned_at: START_MS, top: [] },
  collectors: {},
  ...more,
});

/** As if it came at once, so many milliseconds after the start. */
export const arrived = (value: Sample, afterMs: number, seconds = 0.01): Timed<Sample> => ({
  value,
  seconds,
  receivedAt: START_MS + afterMs,
  receivedMonotonicMs: 50_000 + afterMs,
});

/** By the guest's own clocks, so many milliseconds after the start. */
export const sampleAfter = (afterMs: number, more: Partial<Sample> = {}): Sample =>
  sample({ taken_at: START_MS + afterMs, uptime_seconds: 1000 + afterMs / 1000, ...more });

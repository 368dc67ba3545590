/**
 * A new sample from an earlier one and the numbers of now. What has none (names, the top processes)
 * is the same object as before. The fields stand in the order of `sampleSchema`, which is that of
 * the numbers, and every number is held to the bounds that it has there.
 */
import type { CpuSeconds, Sample } from '@innkeeper/protocol';

/** The numbers in turn. What breaks a bound is marked here, and the sample not used. */
export interface Numbers {
  readonly values: Float64Array;
  readonly known: Uint16Array;
  taken: number;
  broken: boolean;
}

type Item<Name extends 'disks' | 'filesystems' | 'networks'> = NonNullable<Sample[Name]>[number];
type Pressure = NonNullable<Sample['pressure']>;
type PressureOf = Pressure['cpu'];
type Stall = NonNullable<NonNullable<PressureOf>['some']>;

/** Finite and not negative, as is all that is in `values`. */
const count = (numbers: Numbers): number => {
  const value = numbers.values[numbers.known[numbers.taken] ?? -1];
  numbers.taken += 1;
  if (value !== undefined) return value;
  numbers.broken = true;
  return 0;
};

const percent = (numbers: Numbers): number => {
  const value = count(numbers);
  if (value > 100) numbers.broken = true;
  return value;
};

const whole = (numbers: Numbers, min = 0): number => {
  const value = count(numbers);
  if (!Number.isSafeInteger(value) || value < min) numbers.broken = true;
  return value;
};

const countOr = (base: number | null, numbers: Numbers): number | null =>
  base === null ? null : count(numbers);

const percentOr = (base: number | null, numbers: Numbers): number | null =>
  base === null ? null : percent(numbers);

const wholeOr = (base: number | null, numbers: Numbers): number | null =>
  base === null ? null : whole(numbers);

const cpuSeconds = (base: CpuSeconds, numbers: Numbers): CpuSeconds => ({
  user: count(numbers),
  nice: count(numbers),
  system: count(numbers),
  idle: count(numbers),
  iowait: countOr(base.iowait, numbers),
  irq: countOr(base.irq, numbers),
  softirq: countOr(base.softirq, numbers),
  steal: countOr(base.steal, numbers),
  guest: countOr(base.guest, numbers),
  guest_nice: countOr(base.guest_nice, numbers),
});

const cpu = (base: NonNullable<Sample['cpu']>, numbers: Numbers): Sample['cpu'] => ({
  count: whole(numbers, 1),
  seconds: cpuSeconds(base.seconds, numbers),
  cores: base.cores.map((core) => ({
    cpu: whole(numbers),
    seconds: cpuSeconds(core.seconds, numbers),
  })),
});

const memory = (base: NonNullable<Sample['memory']>, numbers: Numbers): Sample['memory'] => ({
  total_bytes: count(numbers),
  available_bytes: count(numbers),
  used_bytes: count(numbers),
  free_bytes: count(numbers),
  buffers_bytes: countOr(base.buffers_bytes, numbers),
  cached_bytes: countOr(base.cached_bytes, numbers),
  shared_bytes: countOr(base.shared_bytes, numbers),
  slab_reclaimable_bytes: countOr(base.slab_reclaimable_bytes, numbers),
  dirty_bytes: countOr(base.dirty_bytes, numbers),
  committed_bytes: countOr(base.committed_bytes, numbers),
});

const swap = (numbers: Numbers): Sample['swap'] => ({
  total_bytes: count(numbers),
  free_bytes: count(numbers),
  used_bytes: count(numbers),
});

const load = (numbers: Numbers): Sample['load'] => ({
  load1: count(numbers),
  load5: count(numbers),
  load15: count(numbers),
});

const stall = (base: Stall | null, numbers: Numbers): Stall | null =>
  base && {
    avg10: percent(numbers),
    avg60: percent(numbers),
    avg300: percent(numbers),
    total_seconds: count(numbers),
  };

const pressureOf = (base: PressureOf, numbers: Numbers): PressureOf =>
  base && { some: stall(base.some, numbers), full: stall(base.full, numbers) };

const pressure = (base: Pressure, numbers: Numbers): Pressure => ({
  cpu: pressureOf(base.cpu, numbers),
  memory: pressureOf(base.memory, numbers),
  io: pressureOf(base.io, numbers),
});

const disk = (base: Item<'disks'>, numbers: Numbers): Item<'disks'> => ({
  device: base.device,
  reads_completed_total: count(numbers),
  read_bytes_total: count(numbers),
  read_seconds_total: count(numbers),
  writes_completed_total: count(numbers),
  written_bytes_total: count(numbers),
  write_seconds_total: count(numbers),
  io_seconds_total: count(numbers),
  io_weighted_seconds_total: count(numbers),
  io_in_progress: count(numbers),
});

const filesystem = (base: Item<'filesystems'>, numbers: Numbers): Item<'filesystems'> => ({
  device: base.device,
  mountpoint: base.mountpoint,
  fstype: base.fstype,
  readonly: base.readonly,
  size_bytes: countOr(base.size_bytes, numbers),
  free_bytes: countOr(base.free_bytes, numbers),
  available_bytes: countOr(base.available_bytes, numbers),
  files: countOr(base.files, numbers),
  files_free: countOr(base.files_free, numbers),
  error: base.error,
});

const network = (base: Item<'networks'>, numbers: Numbers): Item<'networks'> => ({
  device: base.device,
  operstate: base.operstate,
  receive_bytes_total: count(numbers),
  receive_packets_total: count(numbers),
  receive_errs_total: count(numbers),
  receive_drop_total: count(numbers),
  transmit_bytes_total: count(numbers),
  transmit_packets_total: count(numbers),
  transmit_errs_total: count(numbers),
  transmit_drop_total: count(numbers),
});

const processes = (base: Sample['processes'], numbers: Numbers): Sample['processes'] => ({
  total: wholeOr(base.total, numbers),
  running: wholeOr(base.running, numbers),
  blocked: wholeOr(base.blocked, numbers),
  scanned_at: wholeOr(base.scanned_at, numbers),
  top: base.top,
});

export const fillSample = (base: Sample, numbers: Numbers): Sample => ({
  vm_id: base.vm_id,
  boot_id: base.boot_id,
  taken_at: whole(numbers),
  uptime_seconds: countOr(base.uptime_seconds, numbers),
  cpu_usage_percent: percentOr(base.cpu_usage_percent, numbers),
  memory_usage_percent: percentOr(base.memory_usage_percent, numbers),
  memory_used_kb: countOr(base.memory_used_kb, numbers),
  memory_total_kb: countOr(base.memory_total_kb, numbers),
  memory_available_kb: countOr(base.memory_available_kb, numbers),
  load_average: countOr(base.load_average, numbers),
  process_count: wholeOr(base.process_count, numbers),
  cpu: base.cpu && cpu(base.cpu, numbers),
  memory: base.memory && memory(base.memory, numbers),
  swap: base.swap && swap(numbers),
  load: base.load && load(numbers),
  pressure: base.pressure && pressure(base.pressure, numbers),
  disks: base.disks && base.disks.map((one) => disk(one, numbers)),
  filesystems: base.filesystems && base.filesystems.map((one) => filesystem(one, numbers)),
  networks: base.networks && base.networks.map((one) => network(one, numbers)),
  processes: processes(base.processes, numbers),
  collectors: base.collectors,
});

/** Random samples for property tests: whatever `sampleSchema` takes, in its order of fields. */
import type { CpuSeconds, Sample } from '@innkeeper/protocol';
import * as fc from 'fast-check';

const count = fc.oneof(
  fc.nat(),
  fc.nat().map((ticks) => ticks / 100),
  fc.double({ min: 0, max: 2 ** 64, noNaN: true }),
);
const percent = fc.oneof(fc.constantFrom(0, 100), fc.double({ min: 0, max: 100, noNaN: true }));
const whole = fc.nat(Number.MAX_SAFE_INTEGER);
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const orNull = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.option(value, { freq: 4 });
const few = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value[] | null> =>
  orNull(fc.array(value, { maxLength: 4 }));

const seconds: fc.Arbitrary<CpuSeconds> = fc.record({
  user: count,
  nice: count,
  system: count,
  idle: count,
  iowait: orNull(count),
  irq: orNull(count),
  softirq: orNull(count),
  steal: orNull(count),
  guest: orNull(count),
  guest_nice: orNull(count),
});

const stall = fc.record({ avg10: percent, avg60: percent, avg300: percent, total_seconds: count });
const pressureOf = orNull(fc.record({ some: orNull(stall), full: orNull(stall) }));

const entry = fc.record({
  pid: whole.map((pid) => Math.max(1, pid)),
  ppid: whole,
  user: orNull(text),
  uid: orNull(whole),
  name: text,
  state: fc.constantFrom('R', 'S', ''),
  threads: whole,
  cpu_seconds: count,
  cpu_usage_percent: orNull(count),
  rss_bytes: count,
  memory_usage_percent: orNull(percent),
  io: orNull(fc.record({ read_bytes: count, write_bytes: count })),
  started_at: orNull(whole),
});

export const anySample: fc.Arbitrary<Sample> = fc.record({
  vm_id: orNull(fc.stringMatching(/^[\w.-]{1,9}$/u)),
  boot_id: orNull(text),
  taken_at: whole,
  uptime_seconds: orNull(count),
  cpu_usage_percent: orNull(percent),
  memory_usage_percent: orNull(percent),
  memory_used_kb: orNull(count),
  memory_total_kb: orNull(count),
  memory_available_kb: orNull(count),
  load_average: orNull(count),
  process_count: orNull(whole),
  cpu: orNull(
    fc.record({
      count: whole.map((cpus) => Math.max(1, cpus)),
      seconds,
      cores: fc.array(fc.record({ cpu: whole, seconds }), { maxLength: 3 }),
    }),
  ),
  memory: orNull(
    fc.record({
      total_bytes: count,
      available_bytes: count,
      used_bytes: count,
      free_bytes: count,
      buffers_bytes: orNull(count),
      cached_bytes: orNull(count),
      shared_bytes: orNull(count),
      slab_reclaimable_bytes: orNull(count),
      dirty_bytes: orNull(count),
      committed_bytes: orNull(count),
    }),
  ),
  swap: orNull(fc.record({ total_bytes: count, free_bytes: count, used_bytes: count })),
  load: orNull(fc.record({ load1: count, load5: count, load15: count })),
  pressure: orNull(fc.record({ cpu: pressureOf, memory: pressureOf, io: pressureOf })),
  disks: few(
    fc.record({
      device: text,
      reads_completed_total: count,
      read_bytes_total: count,
      read_seconds_total: count,
      writes_completed_total: count,
      written_bytes_total: count,
      write_seconds_total: count,
      io_seconds_total: count,
      io_weighted_seconds_total: count,
      io_in_progress: count,
    }),
  ),
  filesystems: few(
    fc.record({
      device: text,
      mountpoint: text,
      fstype: text,
      readonly: fc.boolean(),
      size_bytes: orNull(count),
      free_bytes: orNull(count),
      available_bytes: orNull(count),
      files: orNull(count),
      files_free: orNull(count),
      error: orNull(text),
    }),
  ),
  networks: few(
    fc.record({
      device: text,
      operstate: orNull(text),
      receive_bytes_total: count,
      receive_packets_total: count,
      receive_errs_total: count,
      receive_drop_total: count,
      transmit_bytes_total: count,
      transmit_packets_total: count,
      transmit_errs_total: count,
      transmit_drop_total: count,
    }),
  ),
  processes: fc.record({
    total: orNull(whole),
    running: orNull(whole),
    blocked: orNull(whole),
    scanned_at: orNull(whole),
    top: fc.array(entry, { maxLength: 3 }),
  }),
  collectors: fc.dictionary(
    fc.constantFrom('cpu', 'netdev', 'constructor', 'x'),
    fc.oneof(
      fc.record({ ok: fc.boolean(), seconds: count }),
      fc.record({ ok: fc.boolean(), seconds: count, error: text }),
    ),
  ),
});

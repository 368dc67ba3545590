/** What the guest's disks read and wrote: each, and the whole disks together. */
import type { MissingReason, Reading, Sample } from '@innkeeper/protocol';
import { countsAsDisk } from './counted-devices.ts';
import { counterRate } from './counter-rate.ts';
import { makeDeviceSum } from './device-sum.ts';
import type { ElapsedProblem } from './elapsed.ts';
import { byDevice, makePairing } from './pairing.ts';

export type GuestDisk = Pick<
  Reading,
  | 'disk_read_bytes_per_second'
  | 'disk_write_bytes_per_second'
  | 'disk_reads_per_second'
  | 'disk_writes_per_second'
  | 'disk_read_await_seconds'
  | 'disk_write_await_seconds'
  | 'disk_busy_percent'
  | 'disks'
> & { readonly reason: MissingReason | null };

type Disk = NonNullable<Sample['disks']>[number];
type DiskRate = NonNullable<Reading['disks']>[number];

const known = (rate: number | string): number | null => (typeof rate === 'number' ? rate : null);

const plus = (sum: number | null, rate: number | null): number | null =>
  sum === null || rate === null ? null : sum + rate;

const unknownRate = ({ device }: Disk): DiskRate => ({
  device,
  read_bytes_per_second: null,
  write_bytes_per_second: null,
  reads_per_second: null,
  writes_per_second: null,
  busy_percent: null,
});

const missing = (disks: Sample['disks'], reason: MissingReason): GuestDisk => ({
  reason,
  disk_read_bytes_per_second: null,
  disk_write_bytes_per_second: null,
  disk_reads_per_second: null,
  disk_writes_per_second: null,
  disk_read_await_seconds: null,
  disk_write_await_seconds: null,
  disk_busy_percent: null,
  disks: disks?.map(unknownRate) ?? null,
});

/** The kernel counts each request's time when it ends, so a busy disk may show more than 100 %. */
const busyPercent = (before: Disk, now: Disk, seconds: number): number | null => {
  const rate = counterRate(before.io_seconds_total, now.io_seconds_total, seconds);
  return typeof rate === 'string' ? null : Math.min(100, rate * 100);
};

/** Of all counted disks, how long the requests that ended had taken. */
interface Waited {
  add(count: number, seconds: number | string): void;
  average(): number | null;
}

const makeWaited = (elapsedSeconds: number): Waited => {
  let countPerSecond = 0;
  let waitedPerSecond = 0;
  return {
    add: (count, seconds) => {
      // A sum of milliseconds in 32 bits wraps long before the others do.
      if (typeof seconds === 'string') return;
      countPerSecond += count;
      waitedPerSecond += seconds;
    },
    // Half a request: counters are whole, and the guest of another opinion divides by next to 0.
    average: () =>
      countPerSecond * elapsedSeconds < 0.5 ? null : waitedPerSecond / countPerSecond,
  };
};

export const guestDisk = (
  before: Sample['disks'],
  now: Sample['disks'],
  elapsed: number | ElapsedProblem | 'first_sample',
): GuestDisk => {
  if (now === null) return missing(null, 'not_reported');
  if (typeof elapsed === 'string') return missing(now, elapsed);
  if (before === null) return missing(now, 'first_sample');
  const pair = makePairing(before, byDevice);
  const sum = makeDeviceSum();
  let reads: number | null = 0;
  let writes: number | null = 0;
  let busiest: number | null = null;
  const readWaits = makeWaited(elapsed);
  const writeWaits = makeWaited(elapsed);
  const disks = now.map((disk, index): DiskRate => {
    const counts = countsAsDisk(disk.device);
    if (counts) sum.seen();
    const earlier = pair(disk.device, index);
    if (earlier === undefined) return unknownRate(disk);
    const read = counterRate(earlier.read_bytes_total, disk.read_bytes_total, elapsed);
    const written = counterRate(earlier.written_bytes_total, disk.written_bytes_total, elapsed);
    const rate = {
      device: disk.device,
      read_bytes_per_second: known(read),
      write_bytes_per_second: known(written),
      reads_per_second: known(
        counterRate(earlier.reads_completed_total, disk.reads_completed_total, elapsed),
      ),
      writes_per_second: known(
        counterRate(earlier.writes_completed_total, disk.writes_completed_total, elapsed),
      ),
      busy_percent: busyPercent(earlier, disk, elapsed),
    };
    if (counts && sum.add(read, written)) {
      reads = plus(reads, rate.reads_per_second);
      writes = plus(writes, rate.writes_per_second);
      readWaits.add(
        rate.reads_per_second ?? 0,
        counterRate(earlier.read_seconds_total, disk.read_seconds_total, elapsed),
      );
      writeWaits.add(
        rate.writes_per_second ?? 0,
        counterRate(earlier.write_seconds_total, disk.write_seconds_total, elapsed),
      );
      if (rate.busy_percent !== null) busiest = Math.max(busiest ?? 0, rate.busy_percent);
    }
    return rate;
  });
  const reason = sum.reason();
  return {
    reason,
    disk_read_bytes_per_second: sum.one(),
    disk_write_bytes_per_second: sum.other(),
    disk_reads_per_second: reason === null ? reads : null,
    disk_writes_per_second: reason === null ? writes : null,
    disk_read_await_seconds: readWaits.average(),
    disk_write_await_seconds: writeWaits.average(),
    disk_busy_percent: busiest,
    disks,
  };
};

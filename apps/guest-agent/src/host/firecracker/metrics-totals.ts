/**
 * Adds up the differences of Firecracker's lines to counters that only grow.
 *
 * Each line is a difference of its own, so the order does not matter for the sums, and
 * a clock that was set back does not either: `takenAt` is the time of the line that came last, not
 * the largest.
 *
 * A FIFO never says anything twice, and two flushes in one millisecond may have counted the same. A
 * file is read again when it was truncated or another one is in its place, which may hold a copy. So
 * a line is a duplicate, and is not added, where one of the last few that an earlier reading brought
 * has the same time and the same counters; lines of one reading are never compared to each other.
 */
import type { BlockDelta, MetricsLine, NetDelta } from './metrics-line.ts';

export interface MetricsTotals {
  /** `afterRestart`: the one who wrote the line before is gone. */
  add(line: MetricsLine, afterRestart: boolean): AddOutcome;
  addMalformed(count: number): void;
  /** What comes now comes from the start of a file, and may have been there before. */
  readAgain(): void;
  /** `utc_timestamp_ms` of the line that came last; undefined before the first. */
  takenAt(): number | undefined;
  readonly net: ReadonlyMap<string, NetDelta>;
  readonly block: ReadonlyMap<string, BlockDelta>;
  counts(): MetricsCounts;
}

export type AddOutcome = 'added' | 'duplicate' | 'too_many_devices';

export interface MetricsCounts {
  readonly lines: number;
  readonly malformed: number;
  /** Firecracker's own count of what it could not write. A torn line is in `malformed` as well. */
  readonly lost: number;
  readonly duplicates: number;
  readonly restarts: number;
}

/** A copy that is read again is a few lines long at most: files are followed within a second. */
const REMEMBERED_LINES = 16;
/** Devices that come and go under ever new names must not grow the agent. */
const MOST_DEVICES = 256;

const keyOf = ({ utcTimestampMs, net, block, missedMetrics }: MetricsLine): string =>
  JSON.stringify([utcTimestampMs, [...net], [...block], missedMetrics]);

const netSum = (a: NetDelta, b: NetDelta): NetDelta => ({
  receivedBytes: a.receivedBytes + b.receivedBytes,
  receivedPackets: a.receivedPackets + b.receivedPackets,
  sentBytes: a.sentBytes + b.sentBytes,
  sentPackets: a.sentPackets + b.sentPackets,
});

const blockSum = (a: BlockDelta, b: BlockDelta): BlockDelta => ({
  readBytes: a.readBytes + b.readBytes,
  reads: a.reads + b.reads,
  writtenBytes: a.writtenBytes + b.writtenBytes,
  writes: a.writes + b.writes,
});

const addAll = <Delta>(
  totals: Map<string, Delta>,
  deltas: ReadonlyMap<string, Delta>,
  sum: (a: Delta, b: Delta) => Delta,
): void => {
  for (const [id, delta] of deltas) {
    const total = totals.get(id);
    totals.set(id, total === undefined ? delta : sum(total, delta));
  }
};

const hasRoom = (known: ReadonlyMap<string, unknown>, ids: Iterable<string>): boolean => {
  let size = known.size;
  for (const id of ids) if (!known.has(id)) size += 1;
  return size <= MOST_DEVICES;
};

export const makeMetricsTotals = (): MetricsTotals => {
  const net = new Map<string, NetDelta>();
  const block = new Map<string, BlockDelta>();
  /** Each with the reading that brought it last. */
  const recent = new Map<string, number>();
  let reading = 0;
  let takenAt: number | undefined;
  let processMark: string | undefined;
  let lines = 0;
  let malformed = 0;
  let lost = 0;
  let duplicates = 0;
  let restarts = 0;

  const remember = (key: string): void => {
    recent.delete(key);
    recent.set(key, reading);
    for (const oldest of recent.keys()) {
      if (recent.size <= REMEMBERED_LINES) break;
      recent.delete(oldest);
    }
  };

  const isNewProcess = (line: MetricsLine): boolean =>
    line.processMark !== undefined && processMark !== undefined && line.processMark !== processMark;

  return {
    net,
    block,
    takenAt: () => takenAt,
    counts: () => ({ lines, malformed, lost, duplicates, restarts }),
    addMalformed: (count) => {
      malformed += count;
    },
    readAgain: () => {
      reading += 1;
    },
    add: (line, afterRestart) => {
      const key = keyOf(line);
      if ((recent.get(key) ?? reading) < reading) {
        duplicates += 1;
        return 'duplicate';
      }
      if (!hasRoom(net, line.net.keys()) || !hasRoom(block, line.block.keys())) {
        malformed += 1;
        return 'too_many_devices';
      }
      remember(key);
      if (afterRestart || isNewProcess(line)) restarts += 1;
      processMark = line.processMark ?? processMark;
      takenAt = line.utcTimestampMs;
      lines += 1;
      lost += line.missedMetrics;
      addAll(net, line.net, netSum);
      addAll(block, line.block, blockSum);
      return 'added';
    },
  };
};

/**
 * CPU and memory of every VM over the last five minutes, for pages that open: a point every two
 * seconds, 300 bytes for each VM. A point is what the fleet showed at that moment: the latest
 * reading then, also where that was made some steps before.
 *
 * Steps are counted by the monotonic clock, so that setting the other one tears no holes.
 */
import type { Reading } from '@innkeeper/protocol';
import { packRecent, RECENT_UNKNOWN } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { VmRecord, Vms } from '../vms/vm-record.ts';
import type { Readings } from './readings.ts';

export const RECENT_STEP_MS = 2_000;
export const RECENT_POINTS = 150;

export interface RecentTable {
  /** When the newest step began, in unix ms. */
  readonly end: number;
  readonly keys: readonly number[];
  /** RECENT_POINTS bytes for each key, oldest first. */
  readonly cpu: Buffer;
  readonly memory: Buffer;
}

export interface RecentTrails {
  /** Of these VMs; those without any reading are left out. */
  table(vms: Iterable<VmRecord>): RecentTable;
  /** Of how many VMs something is kept. */
  count(): number;
  stop(): void;
}

export interface RecentTrailsDependencies {
  readonly vms: Pick<Vms, 'onChange'>;
  readonly readings: Pick<Readings, 'onReading'>;
  readonly clock: Clock;
}

interface Trail {
  /** Both by step modulo RECENT_POINTS: CPU first, memory behind it. */
  readonly values: Uint8Array;
  newest: number;
}

const makeTrail = (step: number): Trail => ({
  values: new Uint8Array(2 * RECENT_POINTS).fill(RECENT_UNKNOWN),
  newest: step,
});

/** Until `step`, what was known last goes on. */
const moveOn = (trail: Trail, step: number): void => {
  const { values, newest } = trail;
  if (step <= newest) return;
  const last = newest % RECENT_POINTS;
  const cpu = values[last] ?? RECENT_UNKNOWN;
  const memory = values[RECENT_POINTS + last] ?? RECENT_UNKNOWN;
  for (let at = Math.max(newest + 1, step - RECENT_POINTS + 1); at <= step; at += 1) {
    values[at % RECENT_POINTS] = cpu;
    values[RECENT_POINTS + (at % RECENT_POINTS)] = memory;
  }
  trail.newest = step;
};

export const makeRecentTrails = ({
  vms,
  readings,
  clock,
}: RecentTrailsDependencies): RecentTrails => {
  /** By key; of registered VMs only. */
  const trails = new Map<number, Trail>();
  const stepNow = (): number => Math.floor(clock.monotonicMs() / RECENT_STEP_MS);

  const take = ({ key }: VmRecord, reading: Reading): void => {
    const step = stepNow();
    let trail = trails.get(key);
    if (trail === undefined) {
      trail = makeTrail(step);
      trails.set(key, trail);
    }
    moveOn(trail, step);
    const at = step % RECENT_POINTS;
    trail.values[at] = packRecent(reading.cpu_usage_percent);
    trail.values[RECENT_POINTS + at] = packRecent(reading.memory_usage_percent);
  };

  const stopReadings = readings.onReading(take);
  const stopVms = vms.onChange(({ kind, vm }) => {
    if (kind === 'removed') trails.delete(vm.key);
  });

  return {
    table: (wanted) => {
      const step = stepNow();
      const keys: number[] = [];
      const found: Trail[] = [];
      for (const { key } of wanted) {
        const trail = trails.get(key);
        if (trail === undefined) continue;
        moveOn(trail, step);
        keys.push(key);
        found.push(trail);
      }
      const cpu = Buffer.allocUnsafe(found.length * RECENT_POINTS);
      const memory = Buffer.allocUnsafe(found.length * RECENT_POINTS);
      // The oldest step lies behind the newest in the ring.
      const split = (step + 1) % RECENT_POINTS;
      for (const [row, { values }] of found.entries()) {
        const start = row * RECENT_POINTS;
        const middle = start + RECENT_POINTS - split;
        cpu.set(values.subarray(split, RECENT_POINTS), start);
        cpu.set(values.subarray(0, split), middle);
        memory.set(values.subarray(RECENT_POINTS + split), start);
        memory.set(values.subarray(RECENT_POINTS, RECENT_POINTS + split), middle);
      }
      const sinceStep = clock.monotonicMs() - step * RECENT_STEP_MS;
      return { end: Math.max(0, Math.round(clock.now() - sinceStep)), keys, cpu, memory };
    },
    count: () => trails.size,
    stop: () => {
      stopReadings();
      stopVms();
    },
  };
};

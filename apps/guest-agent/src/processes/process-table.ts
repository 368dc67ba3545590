/**
 * All processes at one moment, counted at most once in a while: a scan costs more than everything
 * else in a scrape together. Two scans of the same table give each process its share of a CPU, and
 * because the table decides when to scan, several readers never shorten one another's window.
 */
import type { PidStat } from '@innkeeper/procfs';
import type { Clock, Outcome } from '../platform/platform.ts';

export interface ProcessSnapshot {
  readonly takenAtMs: number;
  readonly processes: readonly PidStat[];
  readonly byState: ReadonlyMap<string, number>;
  readonly threads: number;
  /** The time over which `usagePercent` counts; undefined before there was an earlier scan. */
  readonly windowSeconds: number | undefined;
  /** Of one CPU; undefined for a process that the earlier scan did not see. */
  usagePercent(process: PidStat): number | undefined;
}

export interface ProcessTable {
  /** A snapshot that is no older than this. */
  snapshot(maxAgeMs: number): Outcome<ProcessSnapshot>;
}

interface Scan {
  readonly monotonicMs: number;
  readonly cpuSeconds: ReadonlyMap<string, number>;
}

/** Below this the kernel's 10 ms ticks are too coarse for a percentage. */
const MIN_WINDOW_MS = 900;

/** A pid alone is used again; with its start time it is one process. */
const identityOf = ({ pid, startTicks }: PidStat): string => `${pid}:${startTicks}`;

const countStates = (processes: readonly PidStat[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { state } of processes) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
};

export const makeProcessTable = (
  scan: () => Outcome<readonly PidStat[]>,
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
): ProcessTable => {
  let current: { readonly scan: Scan; readonly snapshot: ProcessSnapshot } | undefined;
  let earlier: Scan | undefined;

  const take = (): Outcome<ProcessSnapshot> => {
    const outcome = scan();
    if (!outcome.ok) return outcome;
    const processes = outcome.value;
    const now = clock.monotonicMs();
    const cpuSeconds = new Map(processes.map((one) => [identityOf(one), one.cpuSeconds]));
    if (current !== undefined && now - current.scan.monotonicMs >= MIN_WINDOW_MS) {
      earlier = current.scan;
    }
    const base = earlier;
    const windowSeconds = base === undefined ? undefined : (now - base.monotonicMs) / 1000;
    const snapshot: ProcessSnapshot = {
      takenAtMs: clock.nowMs(),
      processes,
      byState: countStates(processes),
      threads: processes.reduce((sum, { threads }) => sum + threads, 0),
      windowSeconds,
      usagePercent: (one) => {
        const before = base?.cpuSeconds.get(identityOf(one));
        if (before === undefined || windowSeconds === undefined) return undefined;
        return (Math.max(0, one.cpuSeconds - before) / windowSeconds) * 100;
      },
    };
    current = { scan: { monotonicMs: now, cpuSeconds }, snapshot };
    return { ok: true, value: snapshot };
  };

  return {
    snapshot: (maxAgeMs) =>
      current !== undefined && clock.monotonicMs() - current.scan.monotonicMs <= maxAgeMs
        ? { ok: true, value: current.snapshot }
        : take(),
  };
};

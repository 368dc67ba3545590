/**
 * `cpu_usage_percent`: how busy the machine was over the last seconds. The agent takes its own
 * samples, so that readers never shorten one another's window; whoever wants another window
 * computes it from the counters.
 */
import { parseCpuTotal, type CpuTimes } from '@innkeeper/procfs';
import type { Cancel, Clock } from '../platform/platform.ts';
import type { Source } from '../sources/source.ts';

export interface CpuUsage {
  /** 0 to 100 over all CPUs; undefined before two samples, and after a counter reset. */
  percent(): number | undefined;
  stop(): void;
}

const INTERVAL_MS = 1_000;

/** `guest` is part of `user`, and `guestNice` of `nice`: adding them would count them twice. */
const COUNTED = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
const IDLE: ReadonlySet<string> = new Set(['idle', 'iowait']);

/**
 * Time that a hypervisor steals counts as busy: a guest that is starved is not idle. A counter that
 * goes back a little (iowait does, on many kernels) counts as standing still; when the total goes
 * back the counters have started anew and nothing can be said.
 */
export const usageBetween = (before: CpuTimes, after: CpuTimes): number | undefined => {
  let total = 0;
  let idle = 0;
  let sumBefore = 0;
  let sumAfter = 0;
  for (const mode of COUNTED) {
    const earlier = before[mode] ?? 0;
    const later = after[mode] ?? 0;
    const delta = Math.max(0, later - earlier);
    total += delta;
    sumBefore += earlier;
    sumAfter += later;
    if (IDLE.has(mode)) idle += delta;
  }
  if (sumAfter < sumBefore || total <= 0) return undefined;
  return Math.min(100, Math.max(0, ((total - idle) / total) * 100));
};

export const makeCpuUsage = (source: Source, clock: Pick<Clock, 'after'>): CpuUsage => {
  let before: CpuTimes | undefined;
  let usage: number | undefined;
  let cancel: Cancel = () => undefined;

  const sample = (): void => {
    const text = source.read();
    const parsed = text.ok ? parseCpuTotal(text.value) : undefined;
    const after = parsed?.ok === true ? parsed.value : undefined;
    usage = before === undefined || after === undefined ? undefined : usageBetween(before, after);
    before = after;
    cancel = clock.after(INTERVAL_MS, sample);
  };

  sample();
  return { percent: () => usage, stop: () => cancel() };
};

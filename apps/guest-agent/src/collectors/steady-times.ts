/**
 * CPU times that never go backwards. On many kernels iowait falls now and then, and idle by a few
 * ticks, which Prometheus takes for a counter that started anew: rate() then shows a jump of all the
 * seconds since boot. As node_exporter does, what was shown last is shown until the kernel's number
 * has caught up.
 */
import type { CoreTimes, CpuTimes, Stat } from '@innkeeper/procfs';

const MODES = [
  'user',
  'nice',
  'system',
  'idle',
  'iowait',
  'irq',
  'softirq',
  'steal',
  'guest',
  'guestNice',
] as const satisfies readonly (keyof CpuTimes)[];

/** A CPU whose idle time falls this far was taken away and plugged in again: it has begun anew. */
const HOTPLUG_SECONDS = 3;

const fallsIn = (mode: keyof CpuTimes, shown: CpuTimes, now: CpuTimes): boolean =>
  (now[mode] ?? 0) < (shown[mode] ?? 0);

/** Nearly always nothing falls, and the kernel's own numbers are the answer. */
const steadyTimes = (
  shown: CpuTimes | undefined,
  now: CpuTimes,
  hotplugSeconds: number,
): CpuTimes => {
  if (shown === undefined || shown.idle - now.idle > hotplugSeconds) return now;
  const falling = MODES.filter((mode) => fallsIn(mode, shown, now));
  if (falling.length === 0) return now;
  return { ...now, ...Object.fromEntries(falling.map((mode) => [mode, shown[mode]])) };
};

export const makeSteadyTimes = (): ((stat: Stat) => Stat) => {
  let total: CpuTimes | undefined;
  let shown: ReadonlyMap<number, CpuTimes> = new Map();
  return (stat) => {
    const cores = stat.cores.map(({ cpu, times }): CoreTimes => ({
      cpu,
      times: steadyTimes(shown.get(cpu), times, HOTPLUG_SECONDS),
    }));
    // A CPU that is offline has no line; it is forgotten, and shown as it is when it comes back.
    shown = new Map(cores.map(({ cpu, times }) => [cpu, times]));
    // Ticks that many CPUs lose at the same time add up in the total.
    total = steadyTimes(total, stat.cpu, HOTPLUG_SECONDS * Math.max(1, cores.length));
    return { ...stat, cpu: total, cores };
  };
};

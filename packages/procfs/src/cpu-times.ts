/**
 * The columns of a `cpu` line of /proc/stat.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html, section "Miscellaneous kernel
 * statistics in /proc/stat".
 */

import { splitFields } from './fields.ts';
import { parseCount } from './number.ts';

/**
 * The kernel counts these in units of 1/USER_HZ, and user space sees USER_HZ = 100 whatever the
 * kernel's own HZ is. Asking for it needs sysconf(), which a script does not have. Only the
 * removed ia64 and the extinct alpha differ (1024): there all seconds would be 10.24 times too
 * large, while the shares of the modes, which is what people look at, would still be right.
 */
export const USER_HZ = 100;

/** Seconds since boot. The kernel added the optional ones over time (2.5.41 to 2.6.33). */
export interface CpuTimes {
  readonly user: number;
  readonly nice: number;
  readonly system: number;
  readonly idle: number;
  readonly iowait?: number;
  readonly irq?: number;
  readonly softirq?: number;
  readonly steal?: number;
  /** Already part of `user`. */
  readonly guest?: number;
  /** Already part of `nice`. */
  readonly guestNice?: number;
}

const LATER_MODES = ['iowait', 'irq', 'softirq', 'steal', 'guest', 'guestNice'] as const;
const FIRST_LATER_MODE = 4;

/** `columns` is the line without its `cpu` label. Columns after the ones known here are ignored. */
export function parseCpuTimes(columns: string): CpuTimes | undefined {
  const seconds: number[] = [];
  for (const field of splitFields(columns)) {
    const ticks = parseCount(field);
    if (ticks === undefined) return undefined;
    seconds.push(ticks / USER_HZ);
  }
  const [user, nice, system, idle] = seconds;
  if (user === undefined || nice === undefined) return undefined;
  if (system === undefined || idle === undefined) return undefined;
  const later: Partial<Record<(typeof LATER_MODES)[number], number>> = {};
  let column = FIRST_LATER_MODE;
  for (const mode of LATER_MODES) {
    const value = seconds[column];
    if (value === undefined) break;
    later[mode] = value;
    column += 1;
  }
  return { user, nice, system, idle, ...later };
}

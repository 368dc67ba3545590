/**
 * CPU time of a process and its descendants, user and system together.
 *
 * /proc/PID/task/TID/schedstat has nanoseconds, but only for threads that still live. /proc/PID/stat
 * has all threads that ever were and all children that were waited for, but in ticks of 10 ms. So
 * the first is what counts, and the second tells when it has missed something.
 * https://docs.kernel.org/scheduler/sched-stats.html
 */

import { readdirSync, readFileSync } from 'node:fs';
import { readTree } from './process-tree.ts';

export interface CpuTime {
  /** Of the threads that live. */
  readonly exactMs: number;
  /** Of all, in whole ticks. */
  readonly tickMs: number;
}

/** USER_HZ, which is 100 on every platform that Node runs on. */
const TICK_MS = 10;

/** "time on a CPU in ns, time waiting for one, time slices" */
export const parseSchedstat = (text: string): number => {
  const nanoseconds = /^(\d+) \d+ \d+/u.exec(text)?.[1];
  if (nanoseconds === undefined) throw new Error(`this is no schedstat: ${text}`);
  return Number(nanoseconds) / 1e6;
};

/** utime, stime, cutime and cstime: fields 14 to 17. */
export const parseTicks = (stat: string): number => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS;
};

/** Undefined where the process or thread has ended. */
const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** None where the process has ended since it was listed. */
const threadsOf = (pid: number): readonly string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
};

export const readCpuTime = (root: number): CpuTime => {
  let exactMs = 0;
  let tickMs = 0;
  for (const pid of readTree(root)) {
    for (const thread of threadsOf(pid)) {
      const schedstat = read(`/proc/${pid}/task/${thread}/schedstat`);
      if (schedstat !== undefined) exactMs += parseSchedstat(schedstat);
    }
    const stat = read(`/proc/${pid}/stat`);
    if (stat !== undefined) tickMs += parseTicks(stat);
  }
  return { exactMs, tickMs };
};

/** What rounding to ticks can make of user and system time of a few processes. */
const ROUNDING_MS = 5 * TICK_MS;

/** Between two readings. Where threads or children have ended in between, the ticks are right. */
export const cpuBetween = (before: CpuTime, after: CpuTime): number => {
  const exactMs = after.exactMs - before.exactMs;
  const tickMs = after.tickMs - before.tickMs;
  return tickMs > exactMs * 1.1 + ROUNDING_MS ? tickMs : exactMs;
};

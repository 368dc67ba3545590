/**
 * /proc/<pid>/stat: one line about a process.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html, table "Contents of the stat
 * fields", and proc_pid_stat(5).
 *
 * The name of the process is in parentheses and may itself have parentheses, spaces and (before
 * Linux 4.18) newlines in it. Nothing after it can contain `)`, so it ends at the last one.
 */

import { USER_HZ } from './cpu-times.ts';
import { Columns } from './fields.ts';
import { parseCount } from './number.ts';
import { emptyInput, isBlank, malformedInput, parsed } from './parsed.ts';
import type { Parsed } from './parsed.ts';

export interface PidStat {
  readonly pid: number;
  /** As printed: later kernels write a newline as `\n` and a backslash as `\\`. */
  readonly comm: string;
  /** One letter: R, S, D, Z, T, t, X, I, … */
  readonly state: string;
  readonly ppid: number;
  /** -1, like `session`, for a process that is just being reaped. */
  readonly pgrp: number;
  readonly session: number;
  /** User and system time together. */
  readonly cpuSeconds: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly threads: number;
  /** In units of 1/100 second since boot; with the pid, this identifies a process. */
  readonly startTicks: number;
  readonly startSecondsAfterBoot: number;
  readonly vsizeBytes: number;
  readonly rssPages: number;
}

const SOURCE = 'pid-stat';
/** State to rss. The line goes on, but cutting up the rest would be for nothing. */
const FIELDS_USED = 22;

/** What of a thread's line changes, and what tells it from another thread that has its id later. */
export interface PidTimes {
  readonly cpuSeconds: number;
  readonly startTicks: number;
}

/** State to starttime. */
const TIMES_FIELDS_USED = 20;

/** Costs a third of `parsePidStat`, for those who read hundreds of threads at once. */
export function parsePidTimes(text: string): Parsed<PidTimes> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const close = text.lastIndexOf(') ');
  if (close === -1) return malformedInput(SOURCE, 'expected a name', text);
  const fields = text.slice(close + 2).split(' ', TIMES_FIELDS_USED);
  const userTicks = parseCount(fields[11] ?? '');
  const systemTicks = parseCount(fields[12] ?? '');
  const startTicks = parseCount(fields[19] ?? '');
  if (userTicks === undefined || systemTicks === undefined || startTicks === undefined) {
    return malformedInput(SOURCE, 'expected fields', text);
  }
  return parsed({ cpuSeconds: (userTicks + systemTicks) / USER_HZ, startTicks });
}

export function parsePidStat(text: string): Parsed<PidStat> {
  if (isBlank(text)) return emptyInput(SOURCE);
  const open = text.indexOf(' (');
  const close = text.lastIndexOf(') ');
  if (open === -1 || close < open + 2) return malformedInput(SOURCE, 'expected a name', text);
  const pid = parseCount(text.slice(0, open));
  if (pid === undefined) return malformedInput(SOURCE, 'expected a process id', text);
  const rest = parseRest(pid, text.slice(open + 2, close), text.slice(close + 2));
  return rest === undefined ? malformedInput(SOURCE, 'expected fields', text) : parsed(rest);
}

function parseRest(pid: number, comm: string, text: string): PidStat | undefined {
  const fields = text.split(' ', FIELDS_USED);
  const state = fields[0];
  if (state === undefined || !/^[A-Za-z]$/.test(state)) return undefined;
  const columns = new Columns(fields);
  const userTicks = columns.count(11);
  const systemTicks = columns.count(12);
  const startTicks = columns.count(19);
  const stat: PidStat = {
    pid,
    comm,
    state,
    ppid: columns.count(1),
    pgrp: columns.integer(2),
    session: columns.integer(3),
    cpuSeconds: (userTicks + systemTicks) / USER_HZ,
    userSeconds: userTicks / USER_HZ,
    systemSeconds: systemTicks / USER_HZ,
    threads: columns.count(17),
    startTicks,
    startSecondsAfterBoot: startTicks / USER_HZ,
    vsizeBytes: columns.count(20),
    rssPages: columns.count(21),
  };
  return columns.broken ? undefined : stat;
}

/** What turns a process's numbers into something a person can read: names, sizes, start times. */
import { parseMeminfo, parsePasswd, parseStat } from '@innkeeper/procfs';
import { readParsed, valueOf } from '../sources/collected.ts';
import type { Clock } from '../platform/platform.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { TopFacts } from './top.ts';

/** What a reader of /proc/meminfo and /proc/stat has at hand; undefined where it could not read. */
export type MachineTotals = Pick<TopFacts, 'memoryTotalBytes' | 'bootTimeSeconds'>;

export interface ProcessFacts {
  read(): TopFacts;
  /** The same without reading again what the caller has just read. */
  given(totals: MachineTotals): TopFacts;
}

/** People add users by hand; nobody notices if a new name shows up half a minute later. */
const PASSWD_MAX_AGE_MS = 30_000;

export const makeProcessFacts = (
  kernel: KernelFiles,
  pageSizeBytes: number,
  clock: Pick<Clock, 'monotonicMs'>,
): ProcessFacts => {
  const meminfo = kernel.proc('meminfo', { whole: true });
  const stat = kernel.proc('stat', { whole: true });
  const passwd = kernel.at('/etc/passwd', { long: true });
  let names: ReadonlyMap<number, string> = new Map();
  let namesReadAtMs: number | undefined;

  const userNames = (): ReadonlyMap<number, string> => {
    const now = clock.monotonicMs();
    if (namesReadAtMs === undefined || now - namesReadAtMs > PASSWD_MAX_AGE_MS) {
      passwd.close(); // Editors replace the file, so the open one would stay as it was.
      names = valueOf(readParsed(passwd, parsePasswd)) ?? new Map();
      namesReadAtMs = now;
    }
    return names;
  };

  const given = ({ memoryTotalBytes, bootTimeSeconds }: MachineTotals): TopFacts => ({
    kernel,
    pageSizeBytes,
    memoryTotalBytes,
    bootTimeSeconds,
    userNames: userNames(),
  });

  return {
    given,
    read: () =>
      given({
        memoryTotalBytes: valueOf(readParsed(meminfo, parseMeminfo))?.memTotalBytes,
        bootTimeSeconds: valueOf(readParsed(stat, parseStat))?.bootTimeSeconds,
      }),
  };
};

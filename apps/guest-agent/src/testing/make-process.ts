/** A process that idles, changed as a test needs it. */
import type { PidStat } from '@innkeeper/procfs';

export const makeProcess = (change: Partial<PidStat> = {}): PidStat => ({
  pid: 100,
  comm: 'sleep',
  state: 'S',
  ppid: 1,
  pgrp: 100,
  session: 100,
  cpuSeconds: 0,
  userSeconds: 0,
  systemSeconds: 0,
  threads: 1,
  startTicks: 5000,
  startSecondsAfterBoot: 50,
  vsizeBytes: 1_000_000,
  rssPages: 100,
  ...change,
});

/** As /proc/<pid>/stat prints it. */
export const pidStatText = (change: Partial<PidStat> = {}): string => {
  const { pid, comm, state, ppid, cpuSeconds, threads, startTicks, vsizeBytes, rssPages } =
    makeProcess(change);
  return (
    `${pid} (${comm}) ${state} ${ppid} ${pid} ${pid} 0 -1 4194560 0 0 0 0 ` +
    `${Math.round(cpuSeconds * 100)} 0 0 0 20 0 ${threads} 0 ${startTicks} ${vsizeBytes} ${rssPages} ` +
    '18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n'
  );
};

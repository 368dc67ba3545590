/** Reads /proc/<pid>/stat of every process: a directory listing and one small file each. */
import { parsePidStat, type PidStat } from '@innkeeper/procfs';
import type { Outcome } from '../platform/platform.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';

const PID = /^\d{1,10}$/u;

/** Processes that end between the listing and their turn are not there; that is no failure. */
export const scanProcesses = (kernel: KernelFiles): Outcome<readonly PidStat[]> => {
  const names = kernel.listProc('');
  if (!names.ok) return names;
  const processes: PidStat[] = [];
  for (const name of names.value) {
    if (!PID.test(name)) continue;
    const text = kernel.readProc(`${name}/stat`, { whole: true });
    if (!text.ok) continue;
    const stat = parsePidStat(text.value);
    if (stat.ok) processes.push(stat.value);
  }
  return { ok: true, value: processes };
};

/** How much of a VMM is swapped out: VmSwap of /proc/<pid>/status, which anybody may read. */
import { parsePidStatus } from '@innkeeper/procfs';
import type { KernelFiles } from '../../sources/kernel-files.ts';

export const readSwapBytes = (kernel: KernelFiles, pid: number): number | null => {
  const text = kernel.readProc(`${pid}/status`, { whole: true });
  const status = text.ok ? parsePidStatus(text.value) : undefined;
  return status?.ok === true ? (status.value.vmSwapBytes ?? null) : null;
};

/** What a hypervisor is as a whole, read at most once a minute: it hardly changes. */
import { parseMeminfo, parseStat } from '@innkeeper/procfs';
import type { Clock } from '../platform/platform.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';

export interface MachineFacts {
  readonly cpuCount: number | undefined;
  readonly memoryTotalBytes: number | undefined;
  readonly bootedAtMs: number | undefined;
}

const MAX_AGE_MS = 60_000;

export const makeMachineFacts = (
  kernel: KernelFiles,
  clock: Pick<Clock, 'monotonicMs'>,
): (() => MachineFacts) => {
  let facts: MachineFacts | undefined;
  let readAtMs = 0;

  const read = (): MachineFacts => {
    const statText = kernel.readProc('stat', { whole: true });
    const stat = statText.ok ? parseStat(statText.value) : undefined;
    const memoryText = kernel.readProc('meminfo', { whole: true });
    const memory = memoryText.ok ? parseMeminfo(memoryText.value) : undefined;
    const system = stat?.ok === true ? stat.value : undefined;
    const bootTimeSeconds = system?.bootTimeSeconds;
    return {
      cpuCount: system === undefined || system.cores.length === 0 ? undefined : system.cores.length,
      memoryTotalBytes: memory?.ok === true ? memory.value.memTotalBytes : undefined,
      bootedAtMs: bootTimeSeconds === undefined ? undefined : bootTimeSeconds * 1000,
    };
  };

  return () => {
    const now = clock.monotonicMs();
    if (facts === undefined || now - readAtMs > MAX_AGE_MS) {
      facts = read();
      readAtMs = now;
    }
    return facts;
  };
};

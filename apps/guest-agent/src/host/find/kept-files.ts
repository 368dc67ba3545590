/**
 * Files of /proc that stay open, up to a number: reading an open one costs half of opening it. A
 * machine with hundreds of VMs would otherwise use up the descriptors of the agent, of which some
 * systems allow 1,024. Whatever is beyond the number is opened each time.
 */
import { parseLimits } from '@innkeeper/procfs';
import type { KernelFiles } from '../../sources/kernel-files.ts';
import type { Source } from '../../sources/source.ts';

export interface KeptFiles {
  proc(path: string): Source;
}

/** FIFOs, QMP sockets, connections and the agent's own sources share the rest. */
const SHARE = 1 / 4;
/** Each holds about a kilobyte of kernel memory. */
const MAX_OPEN = 1024;
const COMMON_LIMIT = 1024;

/** A quarter of what the agent may have open. */
export const keptFilesLimit = (kernel: KernelFiles): number => {
  const text = kernel.readProc('self/limits');
  const limits = text.ok ? parseLimits(text.value) : undefined;
  const soft = limits?.ok === true ? limits.value.maxOpenFiles?.soft : undefined;
  if (soft === 'unlimited') return MAX_OPEN;
  return Math.min(MAX_OPEN, Math.floor((soft ?? COMMON_LIMIT) * SHARE));
};

export const makeKeptFiles = (kernel: KernelFiles, maxOpen: number): KeptFiles => {
  let openCount = 0;

  const oneOff = (path: string): Source => ({
    path,
    read: () => kernel.readProc(path, { whole: true }),
    close: () => undefined,
  });

  const kept = (path: string): Source => {
    const source = kernel.proc(path, { whole: true });
    let closed = false;
    openCount += 1;
    return {
      path,
      read: () => source.read(),
      close: () => {
        if (closed) return;
        closed = true;
        openCount -= 1;
        source.close();
      },
    };
  };

  return { proc: (path) => (openCount < maxOpen ? kept(path) : oneOff(path)) };
};

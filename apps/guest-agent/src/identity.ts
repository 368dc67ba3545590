/** Who this agent is: in every answer, so that nobody takes one machine's numbers for another's. */
import type { KernelFiles } from './sources/kernel-files.ts';

export interface Identity {
  readonly vmId: string | undefined;
  /** New at each boot of the machine; a change means that all counters started anew. */
  readonly bootId: string | undefined;
  readonly version: string;
}

const MAX_BOOT_ID_CHARACTERS = 64;

export const readBootId = (kernel: KernelFiles): string | undefined => {
  const text = kernel.readProc('sys/kernel/random/boot_id', { whole: true });
  const bootId = text.ok ? text.value.trim().slice(0, MAX_BOOT_ID_CHARACTERS) : '';
  return bootId === '' ? undefined : bootId;
};

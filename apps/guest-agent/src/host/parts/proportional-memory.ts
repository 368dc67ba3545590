/**
 * The proportional set size of each VMM. The kernel walks all page tables of a process for it, which
 * takes milliseconds for a gigabyte and holds up the guest's own page faults. So without being asked
 * the agent reads it in turns, at most every tenth call for one VM, for about a millisecond in a call,
 * and rests after one that took longer.
 */
import { parseSmapsRollup } from '@innkeeper/procfs';
import type { MissingPart } from '@innkeeper/protocol';
import type { Clock } from '../../platform/platform.ts';
import type { KernelFiles } from '../../sources/kernel-files.ts';
import { isRefused, missing, missingFrom, PTRACE } from '../missing-part.ts';

export interface Proportional {
  readonly pssBytes: number | null;
  readonly pssAtMs: number | null;
  readonly pssMissing: MissingPart | null;
}

export interface ProportionalMemory {
  /** Spends this call's share on those whose turn it is, or reads all of them. */
  refresh(pids: readonly { readonly pid: number; readonly serial: number }[], all: boolean): void;
  of(serial: number): Proportional;
  forget(serial: number): void;
}

const CALLS_BETWEEN = 10;
const SHARE_MS = 1;
/** Somebody who asks for all of them waits, and so does everybody else. */
const MAX_ALL_MS = 1_000;

const PENDING: Proportional = {
  pssBytes: null,
  pssAtMs: null,
  pssMissing: missing('pending', 'its turn has not come; POST {"vms":[],"pss":true} reads it now'),
};

const readProportional = (kernel: KernelFiles, pid: number, nowMs: number): Proportional => {
  const absent = (part: MissingPart): Proportional => ({ ...PENDING, pssMissing: part });
  const text = kernel.readProc(`${pid}/smaps_rollup`, { whole: true });
  if (!text.ok) {
    const wasRefused = isRefused(text.error);
    return absent(missingFrom(text.error, wasRefused ? PTRACE : 'Linux 4.14'));
  }
  const rollup = parseSmapsRollup(text.value);
  if (!rollup.ok) return absent(missing('malformed', rollup.error.detail));
  return { pssBytes: rollup.value.pssBytes, pssAtMs: nowMs, pssMissing: null };
};

export const makeProportionalMemory = (
  kernel: KernelFiles,
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
): ProportionalMemory => {
  const known = new Map<number, { readonly value: Proportional; readonly call: number }>();
  let call = 0;
  let restUntilCall = 0;
  let cursor = 0;

  const read = (pid: number, serial: number): void => {
    known.set(serial, { value: readProportional(kernel, pid, clock.nowMs()), call });
  };

  const isDue = (serial: number): boolean => {
    const last = known.get(serial);
    return last === undefined || call - last.call >= CALLS_BETWEEN;
  };

  return {
    refresh: (vmms, all) => {
      call += 1;
      if (!all && call < restUntilCall) return;
      const startedAtMs = clock.monotonicMs();
      const limitMs = all ? MAX_ALL_MS : SHARE_MS;
      for (let count = 0; count < vmms.length; count += 1) {
        cursor = (cursor + 1) % vmms.length;
        const vmm = vmms[cursor];
        if (vmm === undefined || !(all || isDue(vmm.serial))) continue;
        read(vmm.pid, vmm.serial);
        if (clock.monotonicMs() - startedAtMs >= limitMs) break;
      }
      const spentMs = clock.monotonicMs() - startedAtMs;
      restUntilCall = call + Math.ceil(spentMs / SHARE_MS);
    },
    of: (serial) => known.get(serial)?.value ?? PENDING,
    forget: (serial) => {
      known.delete(serial);
    },
  };
};

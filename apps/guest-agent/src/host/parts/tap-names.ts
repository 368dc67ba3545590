/**
 * The tap interfaces of a VMM: those that its command line or config names, and those whose open
 * descriptors say so (libvirt opens taps itself and hands QEMU the descriptors).
 */
import { parseTunFdinfo } from '@innkeeper/procfs';
import type { MissingPart } from '@innkeeper/protocol';
import type { KernelFiles } from '../../sources/kernel-files.ts';
import { boundedTaps } from '../identify/vmm-identity.ts';
import { missing, missingFrom, PTRACE } from '../missing-part.ts';

export type TapNames = { readonly ok: true; readonly names: readonly string[] } | MissingPart;

const TUN = '/dev/net/tun';
/** QEMU has a few per device; beyond this the names that were found have to do. */
const MAX_DESCRIPTORS = 4096;

const NO_TAP = missing('absent', 'the VMM has no tap');

export const findTapNames = (
  kernel: KernelFiles,
  pid: number,
  named: readonly string[],
): TapNames => {
  const descriptors = kernel.listProc(`${pid}/fd`);
  if (!descriptors.ok) {
    if (named.length > 0) return { ok: true, names: boundedTaps(named) };
    return missingFrom(descriptors.error, `${PTRACE}, or the taps' names from the manager`);
  }
  const names = [...named];
  const count = Math.min(descriptors.value.length, MAX_DESCRIPTORS);
  for (let index = 0; index < count; index += 1) {
    const descriptor = descriptors.value[index] ?? '';
    const target = kernel.readProcLink(`${pid}/fd/${descriptor}`);
    if (!target.ok || target.value !== TUN) continue;
    const text = kernel.readProc(`${pid}/fdinfo/${descriptor}`);
    const info = text.ok ? parseTunFdinfo(text.value) : undefined;
    if (info?.ok === true && info.value.device !== undefined) names.push(info.value.device);
  }
  const bounded = boundedTaps(names);
  return bounded.length === 0 ? NO_TAP : { ok: true, names: bounded };
};

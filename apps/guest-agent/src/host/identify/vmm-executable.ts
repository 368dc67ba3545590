/**
 * Which programs are VMMs, by the name of their executable and never by a word somewhere in a
 * command line: an editor with firecracker.txt open is no VM.
 */
import type { VmmKind } from '@innkeeper/protocol';

/** NixOS starts `.qemu-system-x86_64-wrapped`; RHEL has qemu-kvm, Debian and Proxmox VE kvm. */
const QEMU = /^\.?(?:qemu-system-[\w.+-]+|qemu-kvm|kvm)$/u;
const FIRECRACKER = /^\.?firecracker(?:[-_.][\w.+-]+)?$/u;
const CLOUD_HYPERVISOR = /^\.?cloud-hypervisor(?:[-_.][\w.+-]+)?$/u;
/** Programs around Firecracker that carry its name: firecracker-containerd, firecracker-ctr, … */
const FIRECRACKER_OWN_FLAG = /^--(?:id|api-sock|config-file|no-api|metrics-path)(?:=|$)/u;

/** What the kernel appends when a package upgrade has replaced the file. */
const DELETED = ' (deleted)';
/** TASK_COMM_LEN without the NUL. */
const MAX_COMM_CHARACTERS = 15;

const baseNameOf = (path: string): string => {
  const there = path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path;
  return there.slice(there.lastIndexOf('/') + 1);
};

export const kindOfExecutable = (path: string): VmmKind | undefined => {
  const name = baseNameOf(path);
  if (QEMU.test(name)) return 'qemu';
  if (FIRECRACKER.test(name)) return 'firecracker';
  return CLOUD_HYPERVISOR.test(name) ? 'cloud-hypervisor' : undefined;
};

/** `firecracker` alone is one; a longer name also needs one of Firecracker's own flags. */
export const isReallyFirecracker = (path: string, argv: readonly string[]): boolean =>
  baseNameOf(path).replace(/^\./u, '') === 'firecracker' ||
  argv.some((argument) => FIRECRACKER_OWN_FLAG.test(argument));

/**
 * Where the executable may not be seen, its first argument stands for it, and that is anybody's to
 * choose: the name that the kernel keeps must agree, or be one that QEMU was told to take.
 */
export const commAgrees = (argv: readonly string[], comm: string): boolean => {
  const name = baseNameOf(argv[0] ?? '').slice(0, MAX_COMM_CHARACTERS);
  return comm === name || argv.some((argument) => argument.includes(`process=${comm}`));
};

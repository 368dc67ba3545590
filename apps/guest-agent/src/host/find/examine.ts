/** A closer look at one process: is it a VMM, and of which VM? */
import { parseCmdline, parsePidStat, type PidStat } from '@innkeeper/procfs';
import type { VmmKind } from '@innkeeper/protocol';
import type { KernelFiles } from '../../sources/kernel-files.ts';
import { identify } from '../identify/identify.ts';
import { commAgrees, isReallyFirecracker, kindOfExecutable } from '../identify/vmm-executable.ts';
import type { VmmIdentity } from '../identify/vmm-identity.ts';
import { isRefused } from '../missing-part.ts';

export interface Examined {
  readonly stat: PidStat;
  readonly identity: VmmIdentity;
}

/** What Linux allows for one argument; more than any VMM is started with. */
const MAX_CMDLINE_BYTES = 128 * 1024;

/** QEMU's `-run-with async-teardown=on`: a child that only frees memory when QEMU ends. */
const TEARDOWN = 'cleanup/';

export const hasEnded = (state: string): boolean => state === 'Z' || state === 'X' || state === 'x';

const readStat = (kernel: KernelFiles, pid: string): PidStat | undefined => {
  const text = kernel.readProc(`${pid}/stat`, { whole: true });
  const stat = text.ok ? parsePidStat(text.value) : undefined;
  return stat?.ok === true ? stat.value : undefined;
};

const readArgv = (kernel: KernelFiles, pid: string): readonly string[] => {
  const text = kernel.readProc(`${pid}/cmdline`, { maxBytes: MAX_CMDLINE_BYTES });
  const argv = text.ok ? parseCmdline(text.value) : undefined;
  return argv?.ok === true ? argv.value : [];
};

type Program =
  | { readonly by: 'executable'; readonly path: string }
  | { readonly by: 'argument' }
  | undefined;

/** Undefined for a kernel thread, and for what ended meanwhile. */
const readProgram = (kernel: KernelFiles, pid: string): Program => {
  const exe = kernel.readProcLink(`${pid}/exe`);
  if (exe.ok) return { by: 'executable', path: exe.value };
  return isRefused(exe.error) ? { by: 'argument' } : undefined;
};

const isVmm = (
  kind: VmmKind,
  path: string,
  program: Program,
  argv: readonly string[],
  stat: PidStat,
): boolean =>
  argv.length > 0 &&
  !hasEnded(stat.state) &&
  !stat.comm.startsWith(TEARDOWN) &&
  (program?.by === 'executable' || commAgrees(argv, stat.comm)) &&
  (kind !== 'firecracker' || isReallyFirecracker(path, argv));

/** Undefined for everything that is no VMM, which is nearly everything: that costs one readlink. */
export const examine = (kernel: KernelFiles, pid: string): Examined | undefined => {
  const program = readProgram(kernel, pid);
  if (program === undefined) return undefined;
  let argv = program.by === 'argument' ? readArgv(kernel, pid) : [];
  const path = program.by === 'argument' ? (argv[0] ?? '') : program.path;
  const kind = kindOfExecutable(path);
  if (kind === undefined) return undefined;
  const before = readStat(kernel, pid);
  argv = readArgv(kernel, pid);
  const stat = readStat(kernel, pid);
  // One process from first to last: the pid was not used again, and no other program started in it.
  if (stat === undefined || stat.startTicks !== before?.startTicks) return undefined;
  const again = readProgram(kernel, pid);
  if (again?.by === 'executable' && again.path !== path) return undefined;
  if (!isVmm(kind, path, program, argv, stat)) return undefined;
  const identity = identify(kind, argv);
  return identity === undefined ? undefined : { stat, identity };
};

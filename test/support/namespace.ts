/**
 * Runs a program in namespaces of its own (unshare(1)): what it mounts nobody else sees, the network
 * has no way out, and everything in there ends with the launcher.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export type Namespace =
  | { readonly ok: true; readonly launcher: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** As root for real, as anybody else through a user namespace, where the kernel lets them. */
const UNSHARE: readonly string[] = [
  'unshare',
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  '--mount',
  '--pid',
  '--net',
  '--fork',
  '--kill-child',
  '--mount-proc',
  '--propagation',
  'private',
];

/** `script` prepares the namespaces as a shell script; the program follows as its arguments. */
export const enterNamespace = (script: string): Namespace => {
  const launcher = [...UNSHARE, 'sh', '-euc', `${script}\nexec "$@"`, 'sh'];
  const [file = '', ...args] = launcher;
  const trial = spawnSync(file, [...args, 'true'], { encoding: 'utf8', timeout: 10_000 });
  if (trial.status === 0) return { ok: true, launcher };
  const why = trial.error?.message ?? trial.stderr.trim();
  return { ok: false, reason: `this user may not make namespaces: ${why}` };
};

const childrenOf = (pid: number): readonly number[] =>
  readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
    .filter((child) => child !== '')
    .map(Number);

/** The process below the launcher that has `name` in its command line and no child that has. */
export const leafPid = (launcherPid: number, name: string): number => {
  const hasName = (pid: number): boolean =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(name);
  let pid = launcherPid;
  for (;;) {
    const child = childrenOf(pid).find(hasName);
    if (child === undefined) return pid;
    pid = child;
  }
};

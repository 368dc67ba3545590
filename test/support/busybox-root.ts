/**
 * A machine of its own that has busybox and nothing else, for scripts that install things: a folder
 * with a static busybox, entered with chroot(1) in namespaces of its own, so that all that is
 * started in there ends with the script. The network is the machine's.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runCommand, type CommandResult } from '../../scripts/run-command.ts';
import { debianBinary } from './debian-package.ts';
import type { Obtained } from './obtained.ts';

export const obtainBusybox = async (): Promise<Obtained> =>
  await debianBinary({
    package: 'busybox-static',
    path: 'bin/busybox',
    versionArgs: ['--help'],
  });

export interface BusyboxRoot {
  readonly folder: string;
  /** Runs in it, as root of it, under busybox ash. */
  readonly run: (script: string) => Promise<CommandResult>;
}

const RUN_MS = 120_000;

const UNSHARE: readonly string[] = [
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--propagation',
  'private',
];

const ENTER = `
mount -t proc proc "$1/proc"
for device in null zero urandom; do
  : >"$1/dev/$device"
  mount --bind "/dev/$device" "$1/dev/$device"
done
exec chroot "$1" /bin/sh -c "$2"
`;

/** Else a program that is linked statically looks for modules of the C library, which are not there. */
const NSSWITCH = ['hosts', 'services', 'passwd', 'group']
  .map((name) => `${name}: files\n`)
  .join('');

/** @param files further ones, by their paths in it; all may be executed */
export const makeBusyboxRoot = (
  busybox: string,
  files: Readonly<Record<string, string>>,
): BusyboxRoot | { readonly reason: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-root-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['bin', 'dev', 'etc', 'proc', 'run', 'tmp', 'usr/sbin', 'var/log']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  copyFileSync(busybox, join(folder, 'bin/busybox'));
  const listed = spawnSync(busybox, ['--list'], { encoding: 'utf8' });
  const applets = listed.stdout.split('\n').filter((name) => name !== '' && name !== 'busybox');
  for (const [path, content] of Object.entries({ 'etc/nsswitch.conf': NSSWITCH, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    chmodSync(join(folder, path), 0o755);
  }
  const links = applets.map((name) => `ln -s busybox bin/${name}`).join('\n');
  spawnSync('sh', ['-c', links], { cwd: folder });
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/' };
  const run = async (script: string): Promise<CommandResult> =>
    await runCommand('unshare', [...UNSHARE, '/bin/sh', '-euc', ENTER, 'sh', folder, script], {
      timeoutMs: RUN_MS,
      env,
    });
  const trial = spawnSync(
    '/usr/bin/unshare',
    [...UNSHARE, '/bin/sh', '-euc', ENTER, 'sh', folder, 'true'],
    { encoding: 'utf8', env },
  );
  if (trial.status === 0) return { folder, run };
  return { reason: `this user may not enter a root of its own: ${trial.stderr.trim()}` };
};

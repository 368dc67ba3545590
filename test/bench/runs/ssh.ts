/** OpenSSH on loopback: how commands are run on other machines elsewhere. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { debianBinary, debianVariables, type DebianProgram } from '../../support/debian-package.ts';
import { freePort } from '../../support/service-process.ts';
import type { Child, Children } from '../measure/children.ts';

export interface Ssh {
  /** To be followed by what is to be run. Its own connection each time, as `ssh` makes it. */
  readonly command: readonly string[];
  /** The same through a connection that is there already (`ControlMaster`). */
  readonly kept: readonly string[];
  /** Of the server. */
  readonly pid: number;
  stop(): Promise<void>;
}

const SERVER: DebianProgram = {
  package: 'openssh-server',
  path: 'usr/sbin/sshd',
  versionArgs: ['-V'],
  dependencies: true,
};
const START_MS = 10_000;
const POLL_MS = 50;

/**
 * As root, sshd wants a user and a folder that its package would have made: they are there in a mount
 * namespace of its own. Anybody else's sshd wants neither.
 */
const launcherIn = (folder: string): readonly string[] => {
  if (process.getuid?.() !== 0) return [];
  const users = join(folder, 'passwd');
  const own = readFileSync('/etc/passwd', 'utf8');
  const more = /^sshd:/mu.test(own) ? '' : 'sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n';
  writeFileSync(users, `${own.trimEnd()}\n${more}`);
  const script =
    'mount --bind "$1" /etc/passwd; shift; mount -t tmpfs none /run; mkdir /run/sshd; exec "$@"';
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-euc', script, 'sh', users];
};

const isUp = async (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const makeKey = (path: string): string => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  return path;
};

export type ObtainedSsh =
  | {
      readonly ok: true;
      readonly version: string;
      start(children: Children, signal: AbortSignal): Promise<Ssh>;
    }
  | { readonly ok: false; readonly reason: string };

export const obtainSsh = async (parent: string): Promise<ObtainedSsh> => {
  const obtained = await debianBinary(SERVER);
  if (!obtained.ok) return { ok: false, reason: obtained.reason };
  const folder = join(parent, 'ssh');
  mkdirSync(folder, { mode: 0o700 });
  const hostKey = makeKey(join(folder, 'host'));
  const key = makeKey(join(folder, 'own'));
  const variables = Object.entries(debianVariables(obtained.path, SERVER));

  const start = async (children: Children, signal: AbortSignal): Promise<Ssh> => {
    const port = await freePort();
    const settings = [
      `Port=${port}`,
      'ListenAddress=127.0.0.1',
      `HostKey=${hostKey}`,
      `AuthorizedKeysFile=${key}.pub`,
      'UsePAM=no',
      'StrictModes=no',
      'PidFile=none',
      // All of a run may come at once.
      'MaxStartups=1000',
      'MaxSessions=1000',
      'LogLevel=ERROR',
    ].flatMap((setting) => ['-o', setting]);
    const server = children.start([
      ...launcherIn(folder),
      'env',
      ...variables.map(([name, value]) => `${name}=${value}`),
      obtained.path,
      '-D',
      '-e',
      '-f',
      '/dev/null',
      ...settings,
    ]);
    const client = (control: readonly string[]): readonly string[] => [
      'ssh',
      '-F',
      'none',
      '-p',
      `${port}`,
      '-i',
      key,
      ...[
        'UserKnownHostsFile=/dev/null',
        'StrictHostKeyChecking=no',
        'IdentitiesOnly=yes',
        'IdentityAgent=none',
        'BatchMode=yes',
        'LogLevel=ERROR',
        ...control,
      ].flatMap((setting) => ['-o', setting]),
      '127.0.0.1',
    ];
    const controlPath = join(folder, 'control');
    const until = performance.now() + START_MS;
    const wait = async (child: Child, isThere: () => Promise<boolean> | boolean): Promise<void> => {
      while (!(await isThere())) {
        const obituary = child.obituary();
        if (obituary !== undefined || performance.now() > until) {
          await children.stopAll();
          throw new Error(`ssh on loopback: ${obituary ?? 'it does not come up'}`);
        }
        await sleep(POLL_MS, undefined, { signal });
      }
    };
    await wait(server, async () => isUp(port));
    const master = children.start([
      ...client([`ControlPath=${controlPath}`, 'ControlMaster=yes']).slice(0, -1),
      '-N',
      '127.0.0.1',
    ]);
    // Without it a client makes a connection of its own, and says nothing.
    await wait(master, () => existsSync(controlPath));
    return {
      command: client(['ControlPath=none']),
      kept: client([`ControlPath=${controlPath}`, 'ControlMaster=no']),
      pid: server.pid,
      stop: async () => {
        await master.stop();
        await server.stop();
      },
    };
  };
  return { ok: true, version: obtained.version, start };
};

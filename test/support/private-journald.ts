/**
 * A systemd-journald of the test's own: it writes real journal files, rotates them when told, and the
 * machine's own is not touched. Its folders are mounted over the real ones in a namespace.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { leafPid } from './namespace.ts';
import { waitUntil } from './wait-until.ts';

const JOURNALD = ['/usr/lib/systemd/systemd-journald', '/lib/systemd/systemd-journald'].find(
  (path) => existsSync(path),
);

export interface Journald {
  /** For the agent's setting `journal_paths`. */
  readonly journalPath: string;
  /** The folder with the files of this machine's id. */
  readonly folder: string;
  /** A program's output: each line becomes an entry, a prefix <0> to <7> its priority. */
  program(identifier: string): Promise<Socket>;
  /** Writes lines as one program, and waits until the journal has the last of them. */
  write(identifier: string, lines: readonly string[]): Promise<void>;
  rotate(): Promise<void>;
  /** What `journalctl -o json` says of these files. */
  read(args?: readonly string[]): readonly Readonly<Record<string, unknown>>[];
  stop(): Promise<void>;
}

export type StartedJournald =
  | { readonly ok: true; readonly journald: Journald }
  | { readonly ok: false; readonly reason: string };

const CONFIG = `[Journal]
Storage=persistent
RateLimitBurst=0
RateLimitIntervalSec=0
ReadKMsg=no
Audit=no
SystemMaxFiles=100
`;

const SCRIPT = `
mount --bind "$1/run" /run
mount --bind "$1/log" /var/log
mount --bind "$1/journald.conf" /etc/systemd/journald.conf
exec "$2"`;

const entrySchema = z.record(z.string(), z.unknown());

const parseLines = (text: string): Readonly<Record<string, unknown>>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => entrySchema.parse(JSON.parse(line)));

const stopChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
};

const missing = (): string | undefined => {
  if (process.getuid?.() !== 0) return 'journald needs root';
  if (JOURNALD === undefined) return 'systemd-journald is not installed';
  if (!existsSync('/etc/machine-id')) return 'this machine has no /etc/machine-id';
  if (!existsSync('/etc/systemd/journald.conf')) return 'this machine has no journald.conf';
  return undefined;
};

/** `settings` are lines of journald.conf, and overrule those above. */
export const startJournald = async (settings = ''): Promise<StartedJournald> => {
  const reason = missing();
  if (reason !== undefined || JOURNALD === undefined) return { ok: false, reason: reason ?? '' };
  const root = mkdtempSync(join(tmpdir(), 'journald-'));
  mkdirSync(join(root, 'run/systemd/journal'), { recursive: true });
  mkdirSync(join(root, 'log/journal'), { recursive: true });
  // Without it journald writes below /run until somebody flushes.
  writeFileSync(join(root, 'run/systemd/journal/flushed'), '');
  writeFileSync(join(root, 'journald.conf'), `${CONFIG}${settings}\n`);
  const child = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-euc', SCRIPT, 'sh', root, JOURNALD],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const stop = async (): Promise<void> => {
    await stopChild(child);
    rmSync(root, { recursive: true, force: true });
  };
  const socketPath = join(root, 'run/systemd/journal/stdout');
  const journalPath = join(root, 'log/journal');
  const isUp = (): boolean =>
    existsSync(socketPath) &&
    readdirSync(journalPath).some((id) => existsSync(join(journalPath, id, 'system.journal')));
  try {
    await waitUntil('journald has made its journal', isUp);
  } catch {
    await stop();
    return { ok: false, reason: `journald does not start in a namespace: ${said.trim()}` };
  }
  const folder = join(journalPath, readdirSync(journalPath)[0] ?? '');

  const read: Journald['read'] = (args = []) => {
    const files = ['--directory', journalPath, '--output=json', '--all', '--no-pager', '--quiet'];
    const options = { encoding: 'utf8', maxBuffer: 1024 ** 3 } as const;
    return parseLines(spawnSync('journalctl', [...files, ...args], options).stdout);
  };

  const program: Journald['program'] = async (identifier) => {
    // journald ends its own side at once, for it has nothing to say.
    const socket = connect({ path: socketPath, allowHalfOpen: true });
    socket.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    // identifier, unit, priority, whether lines have prefixes, and three kinds of forwarding
    socket.write(`${identifier}\n\n6\n1\n0\n0\n0\n`);
    return socket;
  };

  return {
    ok: true,
    journald: {
      journalPath,
      folder,
      program,
      write: async (identifier, lines) => {
        const socket = await program(identifier);
        socket.end(lines.map((line) => `${line}\n`).join(''));
        const last = lines.at(-1)?.replace(/^<\d>/u, '').trimEnd();
        await waitUntil(
          'the journal has the last line',
          () => read([`SYSLOG_IDENTIFIER=${identifier}`, '--lines=1'])[0]?.['MESSAGE'] === last,
          30_000,
        );
      },
      rotate: async () => {
        const archived = (): number =>
          readdirSync(folder).filter((name) => name.includes('@')).length;
        const before = archived();
        process.kill(leafPid(child.pid ?? 0, 'journald'), 'SIGUSR2');
        await waitUntil('journald has rotated', () => archived() > before);
      },
      read,
      stop,
    },
  };
};

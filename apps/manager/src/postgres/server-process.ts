/** One run of the server: started, ready, stopped. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPostmasterFile } from './postmaster-file.ts';
import type { Programs } from './programs.ts';
import type { ServerUser } from './server-user.ts';

/** Names the socket's file only: the server does not listen on TCP. */
export const SOCKET_PORT = 5432;

export interface ServerProcess {
  readonly pid: number;
  /** How it ended, in words; never rejects. */
  readonly ended: Promise<string>;
  /** Resolves when the server accepts connections, or with how it ended before that. */
  waitUntilReady(timeoutMs: number): Promise<{ ok: true } | { ok: false; problem: string }>;
  /** In order, which ends transactions under way; by force where that takes too long. */
  stop(): Promise<void>;
  /** Lets this process end before the server does, and the server go on. */
  unref(): void;
}

export interface ServerProcessOptions {
  readonly cluster: string;
  readonly socketDir: string;
  readonly programs: Programs;
  readonly user: ServerUser | undefined;
  /** Written on the command line, hence not changed by what a file in the cluster says. */
  readonly settings: Readonly<Record<string, string>>;
  /** A file descriptor that gets the log, or a function that gets it as it comes. */
  readonly log: number | ((text: string) => void);
}

const POLL_MS = 15;
/** Writing what is in memory may take this long on a slow disk; after it, WAL has it all. */
const FAST_STOP_MS = 30_000;
const IMMEDIATE_STOP_MS = 5_000;

const argumentsOf = (options: ServerProcessOptions): string[] => [
  '-D',
  options.cluster,
  ...Object.entries({
    ...options.settings,
    listen_addresses: '',
    port: String(SOCKET_PORT),
    // A list: quoted, so that a comma in the path is part of it.
    unix_socket_directories: `"${options.socketDir.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
];

const watchEnd = async (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(`it could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });

/** @throws where the process cannot even be made, as with too many open files */
export const startServerProcess = (options: ServerProcessOptions): ServerProcess => {
  const { log } = options;
  const output = typeof log === 'number' ? log : 'pipe';
  const child = spawn(join(options.programs.bin, 'postgres'), argumentsOf(options), {
    cwd: options.cluster,
    env: options.programs.env,
    stdio: ['ignore', output, output],
    ...(options.user !== undefined && { uid: options.user.uid, gid: options.user.gid }),
    // A group of its own: Ctrl-C in the terminal comes to the manager, which has data to write.
    detached: true,
  });
  if (typeof log !== 'number') {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', log);
    }
  }
  const ended = watchEnd(child);
  const pid = child.pid ?? -1;
  let end: string | undefined;
  let isStopping = false;
  // However this process ends, short of SIGKILL, the server must not be left over.
  const endWithUs = (): void => {
    child.kill(isStopping ? 'SIGQUIT' : 'SIGINT');
  };
  process.once('exit', endWithUs);
  void ended.then((how) => {
    end = how;
    process.removeListener('exit', endWithUs);
  });

  const isReady = async (): Promise<boolean> => {
    const file = await readPostmasterFile(options.cluster);
    // A file that an earlier server has left says ready too.
    return file?.pid === pid && file.status === 'ready';
  };
  const endsWithin = async (ms: number): Promise<boolean> => {
    const timeout = new AbortController();
    const late = sleep(ms, false, { signal: timeout.signal }).catch(() => false);
    const isEnded = await Promise.race([ended.then(() => true), late]);
    timeout.abort();
    return isEnded;
  };
  return {
    pid,
    ended,
    waitUntilReady: async (timeoutMs) => {
      const deadline = performance.now() + timeoutMs;
      while (end === undefined) {
        if (await isReady()) return { ok: true };
        if (performance.now() > deadline) {
          return { ok: false, problem: `it was not ready within ${timeoutMs / 1000} s` };
        }
        await sleep(POLL_MS);
      }
      return { ok: false, problem: end };
    },
    stop: async () => {
      isStopping = true;
      child.kill('SIGINT');
      if (await endsWithin(FAST_STOP_MS)) return;
      child.kill('SIGQUIT');
      if (await endsWithin(IMMEDIATE_STOP_MS)) return;
      child.kill('SIGKILL');
      await ended;
    },
    unref: () => {
      process.removeListener('exit', endWithUs);
      child.unref();
    },
  };
};

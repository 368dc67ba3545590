/** The built manager as a process of its own, as its user runs it, for as long as a test needs it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { buildManager } from '../../scripts/build/bundle.ts';
import { ask, type HttpReply } from './http-client.ts';
import { toHttp, type JsonQuestion } from './http-served-app.ts';

/** Built here, so that no test runs against the manager of yesterday; cheap when nothing changed. */
export const MANAGER_BUNDLE = await buildManager();

const logLineSchema = z.looseObject({
  level: z.enum(['debug', 'info', 'warn', 'error']),
  timestamp: z.int().positive(),
  message: z.string(),
});
export type ManagerLogLine = z.infer<typeof logLineSchema>;

export interface ManagerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ManagerOptions {
  /** Kept when the manager ends. Left out: a folder that lives as long as the manager. */
  readonly dataDir?: string;
  /** Left out: the manager makes a Postgres of its own in the data folder. */
  readonly databaseUrl?: string;
  /** `--listen` is 127.0.0.1:0 unless it stands here. */
  readonly args?: readonly string[];
  /** Where it listens, if the address that it prints is that of a proxy. */
  readonly port?: number;
  readonly variables?: Readonly<Record<string, string>>;
  /** Another copy of the bundle, with its own files beside it. */
  readonly program?: string;
  /** Put before the command: `nsenter … --`. */
  readonly launcher?: readonly string[];
}

/** One that has been started, whether it comes up or not. */
export interface SpawnedManager {
  readonly pid: number;
  readonly dataDir: string;
  readonly exited: Promise<ManagerExit>;
  stdout(): string;
  stderr(): string;
  /** Throws where a line of standard error is not one of the manager's log. */
  log(): readonly ManagerLogLine[];
  hasLogged(message: string): boolean;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM; one that is still there at the deadline is killed, and told. */
  stop(): Promise<ManagerExit>;
  /** The manager alone: its Postgres and its local agent go on. */
  kill(): Promise<ManagerExit>;
}

export interface ManagerProcess extends SpawnedManager {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Of the first start on this data folder. */
  readonly adminToken: string;
  /** `#sign-in=…` of the link that it has printed. */
  readonly signInCode: string | undefined;
  /** As the admin, unless the question has a token of its own. */
  ask(path: string, question?: JsonQuestion): Promise<HttpReply>;
  /** As the question says, and as nobody where it does not. */
  askAs(path: string, question?: JsonQuestion): Promise<HttpReply>;
}

/** With a new database of its own, next to other tests. */
const START_MS = 60_000;
/** What the manager promises is ten seconds; a little is for the machine. */
const STOP_MS = 12_000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Settles with undefined where the promise has not by then; leaves no timer behind. */
const within = async <Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((settle) => {
    timer = setTimeout(() => settle(undefined), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/** What the machine has, and nothing that is a setting: one that is unknown ends the start. */
export const environmentWithoutSettings = (): Record<string, string | undefined> => {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:INNKEEPER_|npm_|PG)|^DATABASE_URL$/u.test(name),
  );
  return Object.fromEntries(kept);
};

/** Where the user as whom root runs Postgres may get in. */
export const makeDataDir = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-manager-'));
  chmodSync(folder, 0o711);
  return folder;
};

/** Of the Postgres in the data folder, from its own note; undefined where there is none. */
export const postmasterPid = (dataDir: string): number | undefined => {
  const path = join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
  return existsSync(path) ? Number(readFileSync(path, 'utf8').split('\n')[0]) : undefined;
};

/** Those that name the data folder in their command line: its Postgres, its manager, its agent. */
export const processesOf = (dataDir: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(dataDir);
      } catch {
        // It has ended meanwhile, or belongs to somebody else.
        return false;
      }
    })
    .map(Number);

/** Ends what a manager that was killed has left behind, and removes the folder. */
export const removeDataDir = (dataDir: string): void => {
  for (const pid of processesOf(dataDir)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
};

const parseLog = (stderr: string): readonly ManagerLogLine[] =>
  stderr
    .split('\n')
    .slice(0, -1)
    .map((line) => logLineSchema.parse(JSON.parse(line)));

interface Watched extends SpawnedManager {
  readonly printed: (text: string) => Promise<void>;
}

const spawnWatched = (options: ManagerOptions): Watched => {
  const { args = [], databaseUrl, launcher = [], variables } = options;
  const dataDir = options.dataDir ?? makeDataDir();
  const listen = args.includes('--listen') ? [] : ['--listen', `127.0.0.1:${options.port ?? 0}`];
  const program = [process.execPath, options.program ?? MANAGER_BUNDLE.path];
  const settings = ['--data-dir', dataDir, '--log-format', 'json', ...listen, ...args];
  const [file = '', ...rest] = [...launcher, ...program, ...settings];
  const child = spawn(file, rest, {
    env: {
      ...environmentWithoutSettings(),
      ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = new Promise<ManagerExit>((settle, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => {
      running.delete(child);
      if (options.dataDir === undefined) removeDataDir(dataDir);
      settle({ code, signal });
    });
  });
  if (child.pid === undefined) throw new Error(`cannot start ${file}`);
  const kill = async (): Promise<ManagerExit> => {
    child.kill('SIGKILL');
    return exited;
  };
  return {
    pid: child.pid,
    dataDir,
    exited,
    stdout: () => stdout,
    stderr: () => stderr,
    log: () => parseLog(stderr),
    hasLogged: (message) => parseLog(stderr).some((line) => line.message === message),
    signal: (name) => {
      child.kill(name);
    },
    kill,
    stop: async () => {
      child.kill('SIGTERM');
      const exit = await within(exited, STOP_MS);
      if (exit !== undefined) return exit;
      await kill();
      throw new Error(
        `the manager did not end within ${STOP_MS} ms of SIGTERM; it said: ${stderr}`,
      );
    },
    printed: async (text) =>
      new Promise((settle) => {
        const look = (): void => {
          if (!stdout.includes(text)) return;
          listeners.delete(look);
          settle();
        };
        listeners.add(look);
        look();
      }),
  };
};

/** For a manager that is meant to wait, or to end by itself. */
export const spawnManager = (options: ManagerOptions = {}): SpawnedManager => spawnWatched(options);

/** Resolves when the manager is ready; one that is spawned already is waited for. */
const whenReady = async (
  manager: Watched,
  { port: ownPort, variables }: ManagerOptions,
): Promise<ManagerProcess> => {
  const ready = manager.printed('Ctrl-C stops it').then(() => 'ready' as const);
  const outcome = await within(Promise.race([ready, manager.exited]), START_MS);
  const url = /^Innkeeper is ready: (\S+)$/mu.exec(manager.stdout())?.[1];
  if (outcome !== 'ready' || url === undefined) {
    await manager.kill();
    const what = JSON.stringify(outcome ?? `nothing within ${START_MS} ms`);
    throw new Error(`the manager did not start (${what}); it said: ${manager.stderr()}`);
  }
  const { hostname, port } = new URL(ownPort === undefined ? url : `http://127.0.0.1:${ownPort}`);
  const address = { host: hostname.replace(/^\[|\]$/gu, ''), port: Number(port) };
  const token = variables?.['INNKEEPER_ADMIN_TOKEN'];
  const adminToken = token ?? readFileSync(join(manager.dataDir, 'admin-token'), 'utf8').trim();
  return {
    ...manager,
    ...address,
    url,
    adminToken,
    signInCode: /#sign-in=(\S+)/u.exec(manager.stdout())?.[1],
    ask: async (path, question = {}) =>
      ask(address, path, toHttp({ token: adminToken, ...question })),
    askAs: async (path, question = {}) => ask(address, path, toHttp(question)),
  };
};

export const startManager = async (options: ManagerOptions = {}): Promise<ManagerProcess> =>
  whenReady(spawnWatched(options), options);

/** For a manager that is meant to end by itself: a bad setting, a port in use. */
export const runManager = async (
  options: ManagerOptions,
): Promise<ManagerExit & { readonly stdout: string; readonly stderr: string }> => {
  const manager = spawnWatched(options);
  const exit = await within(manager.exited, START_MS);
  if (exit === undefined) {
    await manager.kill();
    throw new Error(`the manager did not end by itself; it said: ${manager.stderr()}`);
  }
  return { ...exit, stdout: manager.stdout(), stderr: manager.stderr() };
};

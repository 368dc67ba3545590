/**
 * A Postgres server for tests: started through the parts of the manager's own supervisor, on a
 * unix socket, without the writes that only survive a power cut.
 *
 * It is not bound to the process that starts it, since the test files of a run share one. A
 * watcher (a shell) ends it and removes its folder when the run is over, however that ends.
 */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { DATABASE_USER, makeCluster } from '../../apps/manager/src/postgres/cluster.ts';
import { readPostmasterFile } from '../../apps/manager/src/postgres/postmaster-file.ts';
import { findPrograms } from '../../apps/manager/src/postgres/programs.ts';
import {
  SOCKET_PORT,
  startServerProcess,
  type ServerProcess,
} from '../../apps/manager/src/postgres/server-process.ts';
import { findServerUser } from '../../apps/manager/src/postgres/server-user.ts';
import { describeSystem } from '../../apps/manager/src/postgres/system.ts';
import { waitUntil } from './wait-until.ts';

export interface TestServer {
  readonly major: number;
  /** Of the database "postgres", as a superuser. */
  readonly url: string;
  readonly urlOf: (database: string) => string;
  /** In order, like a restart of the machine. Resolves when it is gone. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** The whole server at once, without a word to its clients. */
  readonly kill9: () => Promise<void>;
  /** Stops it where it runs, and removes all of it. */
  readonly remove: () => Promise<void>;
}

export interface TestServerOptions {
  /** Of Postgres. Default: the one of the npm package. */
  readonly version?: number | undefined;
}

const START_MS = 60_000;
const GONE_MS = 10_000;

const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '100',
  shared_buffers: '64MB',
  max_wal_size: '2GB',
  timezone: 'UTC',
  jit: 'off',
};

/** Ends the server in the folder $1 when process $0 is gone, or when there is no folder any more. */
const WATCHER = `
while kill -0 "$0" 2>/dev/null && [ -d "$1" ]; do sleep 1; done
pid=$(head -n 1 "$1/cluster/postmaster.pid" 2>/dev/null) &&
  grep -qF "$1" "/proc/$pid/cmdline" && kill -QUIT "$pid"
rm -rf "$1"`;

const makeServerFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-pg-'));
  // The server's user must get in, where that is another one.
  chmodSync(folder, 0o711);
  return folder;
};

/** @param owner the process with whose end the server ends too */
export const watchFolder = (folder: string, owner: number): void => {
  spawn('/bin/sh', ['-c', WATCHER, String(owner), folder], {
    cwd: '/',
    detached: true,
    stdio: 'ignore',
  }).unref();
};

export const urlOf = (folder: string, database: string): string => {
  const host = encodeURIComponent(join(folder, 'socket'));
  return `postgres://${DATABASE_USER}@${host}:${SOCKET_PORT}/${database}`;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // What nobody has asked about yet has ended all the same.
    return !/^\d+ \(.*\) Z/su.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

const runningPid = async (folder: string): Promise<number | undefined> => {
  const pid = (await readPostmasterFile(join(folder, 'cluster')))?.pid;
  return pid !== undefined && isAlive(pid) ? pid : undefined;
};

/** Stops a server that another process may have started. */
export const stopServer = async (
  folder: string,
  signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL',
): Promise<void> => {
  const pid = await runningPid(folder);
  if (pid === undefined) return;
  process.kill(pid, signal);
  await waitUntil('the Postgres of the tests is gone', () => !isAlive(pid), GONE_MS).catch(() => {
    process.kill(pid, 'SIGKILL');
  });
};

export const removeFolder = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
};

/** Clients are let in a moment after the file says so. */
const canConnect = async (url: string): Promise<boolean> => {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** @returns how to start it; the server goes on when this process ends */
export const prepareServer = async (folder: string, { version }: TestServerOptions = {}) => {
  const system = describeSystem(process);
  const cluster = join(folder, 'cluster');
  const socketDir = join(folder, 'socket');
  const owner = await findServerUser(system, cluster);
  if (!owner.ok) throw new Error(owner.problem);
  const { user } = owner;
  const found = await findPrograms({ system, user, folder, major: version });
  if (!found.ok) throw new Error(found.problem);
  const { programs } = found;
  const made = await makeCluster({ cluster, programs, user, durable: false });
  if (!made.ok) throw new Error(made.problem);
  if (!existsSync(socketDir)) await mkdir(socketDir, { mode: 0o700 });
  if (user !== undefined) await chown(socketDir, user.uid, user.gid);

  const start = async (): Promise<ServerProcess> => {
    const log = openSync(join(folder, 'log'), 'a', 0o600);
    try {
      const options = { cluster, socketDir, programs, user, settings: SETTINGS, log };
      const server = startServerProcess(options);
      const ready = await server.waitUntilReady(START_MS);
      if (!ready.ok) {
        const said = readFileSync(join(folder, 'log'), 'utf8').slice(-2_000);
        throw new Error(`Postgres did not start: ${ready.problem}\n${said}`);
      }
      await waitUntil('Postgres lets clients in', async () =>
        canConnect(urlOf(folder, 'postgres')),
      );
      server.unref();
      return server;
    } finally {
      closeSync(log);
    }
  };
  return { major: programs.major, start };
};

/** A server of its own, for tests that stop it. Call `remove` at the end. */
export const startTestServer = async (options: TestServerOptions = {}): Promise<TestServer> => {
  const folder = makeServerFolder();
  watchFolder(folder, process.pid);
  const { start, major } = await prepareServer(folder, options).catch((error: unknown) => {
    removeFolder(folder);
    throw error;
  });
  await start();
  return {
    major,
    url: urlOf(folder, 'postgres'),
    urlOf: (database) => urlOf(folder, database),
    stop: async () => stopServer(folder, 'SIGINT'),
    start: async () => {
      await start();
    },
    kill9: async () => stopServer(folder, 'SIGKILL'),
    remove: async () => {
      await stopServer(folder, 'SIGQUIT');
      removeFolder(folder);
    },
  };
};

/**
 * A server that is still running on our cluster although the manager that started it was killed,
 * or the traces of one that was killed itself.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { takeLease } from './manager-lease.ts';
import { readLockFile, readPostmasterFile } from './postmaster-file.ts';
import { clusterName } from './settings.ts';
import { removeSocketFolder, socketFolderBeside, socketPath } from './socket-folder.ts';

export interface ClearOptions {
  readonly cluster: string;
  readonly temporaryDir: string;
  readonly log: Log;
  /** Gives up waiting. */
  readonly signal: AbortSignal;
}

export type Cleared = { readonly ok: true } | { readonly ok: false; readonly problem: string };

const POLL_MS = 50;
/** What a server in crash recovery may take until it lets us ask who holds it. */
const READY_MS = 60_000;
const FAST_STOP_MS = 30_000;
const IMMEDIATE_STOP_MS = 5_000;
/** The processes of a server that was killed notice it by themselves, mostly at once. */
const CHILDREN_MS = 10_000;

/** Undefined: no such process, or one that has ended and that nobody has asked about. */
const commandOf = async (pid: number): Promise<readonly string[] | undefined> => {
  try {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return text === '' ? undefined : text.split('\0');
  } catch {
    return undefined;
  }
};

/**
 * All processes of a server work in its cluster, under whatever path that was then. Not every
 * process may be asked, as in a container where root lacks CAP_SYS_PTRACE.
 */
const isInside = async (pid: number, cluster: string): Promise<boolean> => {
  try {
    const [one, other] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(cluster)]);
    return one.ino === other.ino && one.dev === other.dev;
  } catch {
    return false;
  }
};

/** Numbers are used again, so a process is known by its command line, which everybody may read. */
const isPostmaster = async (pid: number, cluster: string): Promise<boolean> => {
  const command = await commandOf(pid);
  if (command === undefined || basename(command[0] ?? '') !== 'postgres') return false;
  return command[command.indexOf('-D') + 1] === cluster || isInside(pid, cluster);
};

/** The server's own processes, by the title that they give themselves. */
const listChildren = async (cluster: string): Promise<number[]> => {
  const title = `postgres: ${clusterName(cluster)}: `;
  const pids: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/u.test(name)) continue;
    const pid = Number(name);
    const [own = ''] = (await commandOf(pid)) ?? [];
    if (!own.startsWith('postgres: ')) continue;
    if (own.startsWith(title) || (await isInside(pid, cluster))) pids.push(pid);
  }
  return pids;
};

const sendSignal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It has ended in the meantime, which is what we want of it.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

const waitFor = async (
  isSo: () => Promise<boolean>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> => {
  const deadline = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (signal?.aborted === true || performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
};

const endPostmaster = async (pid: number, cluster: string): Promise<boolean> => {
  const isGone = async (): Promise<boolean> => !(await isPostmaster(pid, cluster));
  const steps: [NodeJS.Signals, number][] = [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
    ['SIGKILL', IMMEDIATE_STOP_MS],
  ];
  for (const [name, timeoutMs] of steps) {
    sendSignal(pid, name);
    if (await waitFor(isGone, timeoutMs)) return true;
  }
  return false;
};

/** Two processes that write to one cluster would destroy it: the last of the old ones must go. */
const awaitChildren = async (cluster: string): Promise<boolean> => {
  const isGone = async (): Promise<boolean> => (await listChildren(cluster)).length === 0;
  if (await waitFor(isGone, CHILDREN_MS)) return true;
  for (const pid of await listChildren(cluster)) sendSignal(pid, 'SIGKILL');
  return waitFor(isGone, IMMEDIATE_STOP_MS);
};

type Use = 'in use' | 'left over' | 'gone' | 'silent';

/** Is a manager using the server? */
const askForUse = async (pid: number, { cluster, signal }: ClearOptions): Promise<Use> => {
  let use: Use = 'silent';
  const isAnswered = async (): Promise<boolean> => {
    // Read each time: a server that starts fills its file line by line.
    const file = await readPostmasterFile(cluster);
    if (file?.pid !== pid || !(await isPostmaster(pid, cluster))) {
      use = 'gone';
      return true;
    }
    // The second is where the first has gone when the data folder was moved under the server.
    for (const socketDir of new Set([file.socketDir, socketFolderBeside(cluster)])) {
      const taken = socketDir === undefined ? undefined : await takeLease(socketDir);
      if (taken === undefined || taken.kind === 'no connection') continue;
      if (taken.kind === 'taken') await taken.lease.release();
      use = taken.kind === 'taken' ? 'left over' : 'in use';
      return true;
    }
    return false;
  };
  await waitFor(isAnswered, READY_MS, signal);
  return use;
};

const clearServer = async (pid: number, options: ClearOptions): Promise<Cleared> => {
  const { cluster, log } = options;
  const use = await askForUse(pid, options);
  switch (use) {
    case 'gone':
      return { ok: true };
    case 'in use':
      return {
        ok: false,
        problem: `another manager is running on ${cluster}: stop it, or choose another INNKEEPER_DATA_DIR`,
      };
    case 'silent':
      return {
        ok: false,
        problem: `a Postgres (process ${pid}) is running on ${cluster} and does not answer: end it`,
      };
    case 'left over':
      log.warn('ending the Postgres that an earlier run has left', { pid });
      return (await endPostmaster(pid, cluster))
        ? { ok: true }
        : { ok: false, problem: `cannot end the Postgres (process ${pid}) on ${cluster}` };
    default:
      return use satisfies never;
  }
};

/**
 * A file that names a process that is not, or no longer, the server. Postgres would take any
 * process that has the number by now, or one that has ended and that nobody has asked about, for a
 * rival.
 */
const removeStale = async (path: string, cluster: string): Promise<void> => {
  const file = await readLockFile(path);
  if (file === undefined || (await isPostmaster(file.pid, cluster))) return;
  await rm(path, { force: true });
};

/** Afterwards no process has the cluster open, and none is said to. */
export const clearLeftover = async (options: ClearOptions): Promise<Cleared> => {
  const { cluster } = options;
  const file = await readPostmasterFile(cluster);
  if (file !== undefined && (await isPostmaster(file.pid, cluster))) {
    const cleared = await clearServer(file.pid, options);
    if (!cleared.ok) return cleared;
  }
  if (!(await awaitChildren(cluster))) {
    return { ok: false, problem: `processes of an earlier Postgres on ${cluster} cannot be ended` };
  }
  await removeStale(join(cluster, 'postmaster.pid'), cluster);
  await removeStale(`${socketPath(socketFolderBeside(cluster))}.lock`, cluster);
  if (file?.socketDir !== undefined) {
    await removeSocketFolder(file.socketDir, options.temporaryDir);
  }
  return { ok: true };
};

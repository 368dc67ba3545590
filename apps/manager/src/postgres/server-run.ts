/** Brings the server up on a cluster, whatever an earlier run has left there, and reserves it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { clearLeftover } from './leftover.ts';
import { takeLease, type Lease } from './manager-lease.ts';
import type { Programs } from './programs.ts';
import { makeServerLog } from './server-log.ts';
import { startServerProcess, type ServerProcess } from './server-process.ts';
import type { ServerUser } from './server-user.ts';
import { serverSettings } from './settings.ts';

export interface ServerRun {
  readonly server: ServerProcess;
  readonly lease: Lease;
}

export type StartedRun =
  | { readonly ok: true; readonly run: ServerRun }
  | { readonly ok: false; readonly problem: string };

export interface RunServerOptions {
  readonly cluster: string;
  readonly socketDir: string;
  readonly temporaryDir: string;
  readonly programs: Programs;
  readonly user: ServerUser | undefined;
  readonly log: Log;
  readonly monotonicMs: () => number;
  /** Gives up starting. */
  readonly signal: AbortSignal;
}

/** A second manager that starts at the same moment is seen at the next attempt. */
const ATTEMPTS = 5;
const PAUSE_MS = 300;
/** After a crash the server first goes through what it has not written yet: up to 2 GB. */
const READY_MS = 600_000;
const SLOW_MS = 5_000;
/** Somebody who looks whether we are alive holds the lease for a moment. */
const LEASE_ATTEMPTS = 10;

const awaitReady = async (server: ServerProcess, options: RunServerOptions) => {
  const slow = setTimeout(() => {
    options.log.info('Postgres is still starting', { pid: server.pid });
  }, SLOW_MS);
  const giveUp = (): void => {
    void server.stop();
  };
  options.signal.addEventListener('abort', giveUp);
  try {
    return await server.waitUntilReady(READY_MS);
  } finally {
    clearTimeout(slow);
    options.signal.removeEventListener('abort', giveUp);
  }
};

const reserve = async (socketDir: string): Promise<Lease | undefined> => {
  for (let attempt = 0; attempt < LEASE_ATTEMPTS; attempt += 1) {
    const taken = await takeLease(socketDir);
    if (taken.kind === 'taken') return taken.lease;
    await sleep(PAUSE_MS);
  }
  return undefined;
};

const tryOnce = async (options: RunServerOptions): Promise<StartedRun> => {
  const { cluster, socketDir, programs, user, monotonicMs, log, signal } = options;
  const serverLog = makeServerLog(log, monotonicMs);
  const server = startServerProcess({
    cluster,
    socketDir,
    programs,
    user,
    settings: serverSettings(cluster),
    log: (text) => serverLog.write(text),
  });
  const ready = await awaitReady(server, options);
  if (ready.ok && !signal.aborted) {
    const lease = await reserve(socketDir);
    if (lease !== undefined) return { ok: true, run: { server, lease } };
  }
  await server.stop();
  const why = ready.ok ? 'it could not be reserved for this manager' : ready.problem;
  const said = serverLog.tail();
  return {
    ok: false,
    problem: `Postgres did not start: ${why}${said === '' ? '' : `; it said: ${said}`}`,
  };
};

export const runServer = async (options: RunServerOptions): Promise<StartedRun> => {
  const { cluster, temporaryDir, log, signal } = options;
  let problem = 'Postgres did not start: the manager is stopping';
  for (let attempt = 0; attempt < ATTEMPTS && !signal.aborted; attempt += 1) {
    const cleared = await clearLeftover({ cluster, temporaryDir, log, signal });
    if (!cleared.ok) return cleared;
    if (signal.aborted) break;
    const started = await tryOnce(options);
    if (started.ok) return started;
    problem = started.problem;
    // Anything else would be the same at the next attempt.
    if (!/lock file .* already exists|could not be reserved/su.test(problem)) break;
    await sleep(PAUSE_MS);
  }
  return { ok: false, problem };
};

/**
 * A Postgres of our own, for who does not bring one: found, set up in the data folder, started,
 * watched, restarted, and stopped in order. Not on TCP; only root and the server's own user reach
 * it.
 */
import { resolve } from 'node:path';
import type { Connection } from '../database/connection.ts';
import type { Log } from '../log.ts';
import { DATABASE_USER, makeCluster, readClusterVersion } from './cluster.ts';
import { ensureDatabase } from './ensure-database.ts';
import { findPlace } from './place.ts';
import { findPrograms } from './programs.ts';
import { superviseServer, type RestartPolicy } from './restart.ts';
import { runServer, type RunServerOptions } from './server-run.ts';
import { SOCKET_PORT } from './server-process.ts';
import { findServerUser } from './server-user.ts';
import { makeSocketFolder, removeSocketFolder } from './socket-folder.ts';
import type { System } from './system.ts';

export interface EmbeddedPostgres {
  readonly connection: Connection;
  /** Such as "18.4". */
  readonly version: string;
  /**
   * Settles when the server is down for good: with undefined after `stop`, otherwise with a
   * sentence, after restarts that did not help. Never rejects.
   */
  readonly ended: Promise<string | undefined>;
  /** Close the pool first. */
  stop(): Promise<void>;
}

export type StartedPostgres =
  | { readonly ok: true; readonly server: EmbeddedPostgres }
  | { readonly ok: false; readonly problem: string };

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  readonly system: System;
  readonly log: Log;
  readonly monotonicMs: () => number;
  /** Gives up starting; afterwards it has no effect. */
  readonly signal?: AbortSignal;
  readonly restart?: RestartPolicy;
  /** Where the npm package with the programs is looked for: a file. */
  readonly from?: string;
}

const DATABASE = 'innkeeper';

type Prepared =
  | { readonly ok: true; readonly run: Omit<RunServerOptions, 'signal'> }
  | { readonly ok: false; readonly problem: string };

const STOPPED = {
  ok: false,
  problem: 'Postgres was not started: the manager is stopping',
} as const;

const prepare = async (options: EmbeddedPostgresOptions): Promise<Prepared> => {
  const { system, log, monotonicMs, from, signal } = options;
  const dataDir = resolve(options.dataDir);
  const owner = await findServerUser(system, resolve(dataDir, 'postgres', 'cluster'));
  if (!owner.ok) return owner;
  const { user } = owner;
  const found = await findPlace({ dataDir, user, system, log });
  if (!found.ok) return found;
  const { folder, cluster } = found.place;
  const existing = await readClusterVersion(cluster);
  if (!existing.ok) return existing;
  const { major } = existing;
  const search = await findPrograms({
    system,
    user,
    folder,
    major,
    ...(from !== undefined && { from }),
  });
  if (!search.ok) return search;
  const { programs } = search;
  if (major === undefined) {
    log.info('making the database', { path: cluster, postgres: programs.version });
    const made = await makeCluster({ cluster, programs, user, durable: true, signal });
    if (!made.ok) return signal?.aborted === true ? STOPPED : made;
  }
  const { temporaryDir } = system;
  const socketDir = await makeSocketFolder(cluster, temporaryDir, user);
  return {
    ok: true,
    run: { cluster, socketDir, temporaryDir, programs, user, log, monotonicMs },
  };
};

export const startEmbeddedPostgres = async (
  options: EmbeddedPostgresOptions,
): Promise<StartedPostgres> => {
  const { log, monotonicMs } = options;
  const prepared = await prepare(options);
  if (!prepared.ok) return prepared;
  const { socketDir, temporaryDir, programs, cluster } = prepared.run;
  const stopping = new AbortController();
  const giveUp = (): void => stopping.abort();
  options.signal?.addEventListener('abort', giveUp);
  if (options.signal?.aborted === true) giveUp();
  const runOptions = { ...prepared.run, signal: stopping.signal };
  const first = await runServer(runOptions);
  options.signal?.removeEventListener('abort', giveUp);
  if (!first.ok) {
    await removeSocketFolder(socketDir, temporaryDir);
    return first;
  }
  const supervised = superviseServer({
    first: first.run,
    start: async () => runServer(runOptions),
    stopping,
    socketDir,
    log,
    monotonicMs,
    ...(options.restart !== undefined && { policy: options.restart }),
  });
  const ended = supervised.ended.then(async (problem) => {
    await removeSocketFolder(socketDir, temporaryDir).catch(() => undefined);
    return problem;
  });
  const database = await ensureDatabase(socketDir, DATABASE);
  if (!database.ok) {
    await supervised.stop();
    await ended;
    return database;
  }
  log.info('Postgres is ready', { version: programs.version, path: cluster });
  return {
    ok: true,
    server: {
      connection: { host: socketDir, port: SOCKET_PORT, database: DATABASE, user: DATABASE_USER },
      version: programs.version,
      ended,
      stop: async () => {
        await supervised.stop();
        await ended;
      },
    },
  };
};

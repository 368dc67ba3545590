/** The embedded Postgres in a folder of a test's own, and questions to it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openDatabase, type OpenedDatabase } from '../../apps/manager/src/database/pool.ts';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  type StartedPostgres,
} from '../../apps/manager/src/postgres/embedded-postgres.ts';
import { describeSystem, type System } from '../../apps/manager/src/postgres/system.ts';
import { keepLog, type KeptLog } from './postgres-log.ts';

type Options = Partial<EmbeddedPostgresOptions>;

export interface EmbeddedFolder {
  readonly folder: string;
  readonly dataDir: string;
  readonly temporaryDir: string;
  readonly cluster: string;
  readonly system: System;
  start(options?: Options): Promise<StartedPostgres & { readonly log: KeptLog }>;
  /** @throws where it does not come up */
  startWell(options?: Options): Promise<EmbeddedPostgres>;
  /** Of the server that runs, from its own note. */
  postmasterPid(): number;
  /** Stops all that was started here, and removes it. */
  remove(): Promise<void>;
}

/** Attempts come at once, and three are enough. */
const RESTART = { firstMs: 10, maxMs: 50, attempts: 3, stableMs: 60_000 };

/**
 * @param from a data folder to begin with, of a server that is down: making one takes a second
 * @param below where the data folder is
 */
export const makeEmbeddedFolder = (from?: string, below = 'data'): EmbeddedFolder => {
  const folder = mkdtempSync(join(tmpdir(), 'innkeeper-embedded-'));
  const dataDir = join(folder, below);
  const temporaryDir = join(folder, 'tmp');
  const cluster = join(dataDir, 'postgres', 'cluster');
  // The user as whom root runs the server must get in.
  chmodSync(folder, 0o711);
  mkdirSync(temporaryDir, { mode: 0o711 });
  if (from !== undefined) execFileSync('cp', ['-a', from, dataDir]);
  const system = { ...describeSystem(process), temporaryDir, stateDir: join(folder, 'state') };
  const servers: EmbeddedPostgres[] = [];

  const start: EmbeddedFolder['start'] = async (options) => {
    const log = keepLog();
    const started = await startEmbeddedPostgres({
      dataDir,
      system,
      log,
      monotonicMs: () => performance.now(),
      restart: RESTART,
      ...options,
    });
    if (started.ok) servers.push(started.server);
    return { ...started, log };
  };
  return {
    folder,
    dataDir,
    temporaryDir,
    cluster,
    system,
    start,
    startWell: async (options) => {
      const started = await start(options);
      if (!started.ok) throw new Error(started.problem);
      return started.server;
    },
    postmasterPid: () => {
      const path = join(cluster, 'postmaster.pid');
      return existsSync(path) ? Number(readFileSync(path, 'utf8').split('\n')[0]) : 0;
    },
    remove: async () => {
      for (const server of servers) await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export const expectProblem = async (
  at: EmbeddedFolder,
  about: RegExp,
  options?: Options,
): Promise<void> => {
  const started = await at.start(options);
  expect(started).toMatchObject({ ok: false });
  expect(started).toHaveProperty('problem', expect.stringMatching(about));
};

type Connected = Pick<EmbeddedPostgres, 'connection'>;

export const withDatabase = async <Value>(
  { connection }: Connected,
  work: (database: OpenedDatabase) => Promise<Value>,
): Promise<Value> => {
  const database = openDatabase({ address: { connection }, log: keepLog() });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
};

/** Writes a row that is to be found again. */
export const note = async (server: Connected, text: string): Promise<void> =>
  withDatabase(server, async (database) => {
    await database.query({ text: 'CREATE TABLE IF NOT EXISTS note (text text)' });
    await database.query({ text: 'INSERT INTO note VALUES ($1::text)', values: [text] });
  });

export const readNotes = async (server: Connected): Promise<readonly unknown[]> =>
  withDatabase(server, async (database) => {
    const { rows } = await database.query({ text: 'SELECT text FROM note' });
    return rows;
  });

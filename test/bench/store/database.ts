/** The manager's own Postgres with its tables, for as long as something is measured or prepared. */
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '../../../apps/manager/src/database/migrate.ts';
import { openDatabase, type OpenedDatabase } from '../../../apps/manager/src/database/pool.ts';
import { startEmbeddedPostgres } from '../../../apps/manager/src/postgres/embedded-postgres.ts';
import { describeSystem } from '../../../apps/manager/src/postgres/system.ts';
import { root } from '../../../scripts/root.ts';

/** Filling a tier takes longer than anything that the manager may ask. */
const STATEMENT_MS = 120_000;

export interface BenchDatabase {
  readonly database: OpenedDatabase;
  readonly version: string;
  /** Of the postmaster: its children do the work. */
  readonly pid: number;
}

export const silentLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Another user runs the server where root starts it, and has to get through to the files. */
export const makeReachable = (folder: string): void => {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
};

/** Undefined: no server runs on this data folder. */
export const postmasterPid = (dataDir: string): number | undefined => {
  try {
    const file = readFileSync(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'), 'utf8');
    return Number(file.split('\n', 1)[0]);
  } catch {
    return undefined;
  }
};

export const withBenchDatabase = async <Value>(
  dataDir: string,
  signal: AbortSignal,
  work: (running: BenchDatabase) => Promise<Value>,
): Promise<Value> => {
  makeReachable(dataDir);
  const started = await startEmbeddedPostgres({
    dataDir,
    system: describeSystem(process),
    log: silentLog,
    monotonicMs: () => performance.now(),
    signal,
  });
  if (!started.ok) throw new Error(started.problem);
  const { server } = started;
  try {
    const address = { connection: server.connection };
    const folder = join(root, 'migrations');
    const migrated = await migrate({ address, folder, log: silentLog });
    if (!migrated.ok) throw new Error(migrated.problem);
    const database = openDatabase({
      address,
      log: silentLog,
      statementTimeoutMs: STATEMENT_MS,
    });
    try {
      const pid = postmasterPid(dataDir);
      if (pid === undefined) throw new Error('the server has left no pid');
      return await work({ database, version: server.version, pid });
    } finally {
      await database.close();
    }
  } finally {
    await server.stop();
  }
};

/** Databases for tests: real ones, each of its own, in one server for all test files of a run. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Database } from '../../apps/manager/src/database/database.ts';
import { migrate } from '../../apps/manager/src/database/migrate.ts';
import { openDatabase } from '../../apps/manager/src/database/pool.ts';
import { takeFolderLock } from '../../scripts/bootstrap/folder-lock.mjs';
import { root } from '../../scripts/root.ts';
import { prepareServer, urlOf, watchFolder } from './postgres-server.ts';

export { startTestServer, type TestServer } from './postgres-server.ts';

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  /** Closes the connections of `database` and drops it. */
  readonly drop: () => Promise<void>;
}

/** Set by postgres-run.ts for the processes that run the test files. */
export const SHARED_FOLDER_VARIABLE = 'INNKEEPER_TEST_POSTGRES_DIR';

export const MIGRATIONS_DIR = join(root, 'migrations');

const TEMPLATE = 'innkeeper_template';
const LOCK_MS = 120_000;

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const runSql = async (url: string, ...statements: readonly string[]): Promise<void> => {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
};

const startShared = async (folder: string): Promise<void> => {
  // The process that runs the test files is a child of the one that runs Vitest.
  watchFolder(folder, process.ppid);
  const { start } = await prepareServer(folder);
  await start();
  await runSql(urlOf(folder, 'postgres'), `CREATE DATABASE ${TEMPLATE}`);
  const address = { url: urlOf(folder, TEMPLATE) };
  const migrated = await migrate({ address, folder: MIGRATIONS_DIR, log: silent });
  if (!migrated.ok) throw new Error(migrated.problem);
};

/** @returns the folder of the server, which runs */
const shareServer = async (): Promise<string> => {
  const folder = process.env[SHARED_FOLDER_VARIABLE];
  if (folder === undefined) throw new Error('Vitest has not run test/support/postgres-run.ts');
  const marker = join(folder, 'ready');
  if (existsSync(marker)) return folder;
  // The server's user must get in, where that is another one.
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  const lock = await takeFolderLock(join(folder, 'lock'), { onWait: () => {}, timeoutMs: LOCK_MS });
  if (!lock.ok) throw new Error('another test file starts Postgres, and does not come to an end');
  try {
    if (!existsSync(marker)) {
      await startShared(folder);
      writeFileSync(marker, '');
    }
    return folder;
  } finally {
    lock.release();
  }
};

export interface TestDatabaseOptions {
  /** False: an empty database, without our tables. */
  readonly migrated?: boolean;
}

export const createTestDatabase = async (
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> => {
  const folder = await shareServer();
  const name = `test_${randomBytes(8).toString('hex')}`;
  const template = options.migrated === false ? 'template1' : TEMPLATE;
  const admin = urlOf(folder, 'postgres');
  await runSql(admin, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = urlOf(folder, name);
  const database = openDatabase({ address: { url }, log: silent });
  return {
    url,
    database,
    drop: async () => {
      await database.close();
      // Also with connections that a test has opened itself and not closed.
      await runSql(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
};

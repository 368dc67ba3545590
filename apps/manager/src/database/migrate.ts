/**
 * Brings the tables up to date: plain SQL files, run by node-pg-migrate in one transaction.
 * Managers that start together take turns. https://salsita.github.io/node-pg-migrate/
 */
import { readdir } from 'node:fs/promises';
import { runner } from 'node-pg-migrate';
import { Client } from 'pg';
import { z } from 'zod';
import type { Log } from '../log.ts';
import { clientConfig } from './client-config.ts';
import { codeOf } from './connection-failure.ts';
import type { DatabaseAddress } from './connection.ts';

export interface MigrateOptions {
  readonly address: DatabaseAddress;
  /** With files like 001_access.sql. */
  readonly folder: string;
  readonly log: Log;
  /** Gives up, also in the middle: what was begun is rolled back. */
  readonly signal?: AbortSignal;
  readonly direction?: 'up' | 'down';
  /** How many; default: all of them up, and one down. */
  readonly count?: number;
}

export type Migrated =
  | { readonly ok: true; /** In the order in which they ran. */ readonly ran: readonly string[] }
  | { readonly ok: false; readonly problem: string };

const STOPPED = {
  ok: false,
  problem: 'stopped while the tables of the database were brought up to date',
} as const;
const MIGRATIONS_TABLE = 'migration';
/** Of this program, in the database in question. */
const LOCK_KEY = '4861203155093274114';
/** Another manager may be changing large tables. */
const LOCK_MS = 600_000;
const CONNECT_MS = 10_000;
const FILE = /^(\d{3}_[a-z\d_]+)\.sql$/u;
/** Everything else in the folder, as node-pg-migrate wants it told. */
const IGNORED = '(?!\\d{3}_[a-z\\d_]+\\.sql$).*';

const namesSchema = z.array(z.object({ name: z.string() }));
const flagSchema = z.tuple([z.object({ flag: z.boolean() })]);

const ask = async (client: Client, text: string, values: unknown[]): Promise<boolean> => {
  const { rows } = await client.query(text, values);
  return flagSchema.parse(rows)[0].flag;
};

const takeTurn = async (client: Client, log: Log): Promise<void> => {
  const got = await ask(client, 'SELECT pg_try_advisory_lock($1::bigint) AS flag', [LOCK_KEY]);
  if (got) return;
  log.info('another manager is changing the tables of the database: waiting for it');
  await client.query(`SET lock_timeout = ${LOCK_MS}`);
  await client.query('SELECT pg_advisory_lock($1::bigint)', [LOCK_KEY]);
  await client.query('RESET lock_timeout');
};

const listApplied = async (client: Client): Promise<string[]> => {
  const exists = 'SELECT to_regclass($1::text) IS NOT NULL AS flag';
  if (!(await ask(client, exists, [`public.${MIGRATIONS_TABLE}`]))) return [];
  const { rows } = await client.query(`SELECT name FROM public.${MIGRATIONS_TABLE} ORDER BY id`);
  return namesSchema.parse(rows).map(({ name }) => name);
};

const runFiles = async (client: Client, options: MigrateOptions): Promise<string[]> => {
  const { folder, direction = 'up', count, log } = options;
  const ran = await runner({
    dbClient: client,
    dir: folder,
    ignorePattern: IGNORED,
    migrationsTable: MIGRATIONS_TABLE,
    direction,
    ...(count !== undefined && { count }),
    // All or nothing: a database is at one version or at the other.
    singleTransaction: true,
    // Ours is taken already: what is known must be read under it too.
    noLock: true,
    logger: {
      info: (text) => log.debug('migration', { text }),
      warn: (text) => log.warn('migration', { text }),
      // What went wrong is thrown as well.
      error: (text) => log.debug('migration', { text }),
    },
  });
  return ran.map(({ name }) => name);
};

const explain = (error: unknown): string => {
  // Some are wrapped, with a stack for a message and without a code.
  const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  if (codeOf(error) === '42501' || /permission denied/u.test(message)) {
    return `the database user lacks a permission: ${message}: make it the owner of the database`;
  }
  return `the tables of the database could not be brought up to date: ${message}`;
};

const migrateWith = async (client: Client, options: MigrateOptions): Promise<Migrated> => {
  const files = await readdir(options.folder);
  const known = new Set(files.map((file) => FILE.exec(file)?.[1]));
  known.delete(undefined);
  if (known.size === 0) return { ok: false, problem: `there is no migration in ${options.folder}` };
  await client.connect();
  await takeTurn(client, options.log);
  const unknown = (await listApplied(client)).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    return {
      ok: false,
      problem:
        'the database is from a newer version of Innkeeper, which this one does not know ' +
        `(${unknown.slice(0, 3).join(', ')}): start that version; nothing was changed`,
    };
  }
  return { ok: true, ran: await runFiles(client, options) };
};

export const migrate = async (options: MigrateOptions): Promise<Migrated> => {
  const client = new Client({
    ...clientConfig(options.address),
    connectionTimeoutMillis: CONNECT_MS,
  });
  // A connection that breaks fails the statement under way; without a listener, the process too.
  client.on('error', () => undefined);
  // Breaks off what it waits for: another manager's turn may take ten minutes.
  const giveUp = (): void => {
    void client.end().catch(() => undefined);
  };
  options.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    if (options.signal?.aborted === true) return STOPPED;
    const migrated = await migrateWith(client, options);
    if (migrated.ok && migrated.ran.length > 0) {
      options.log.info('the tables of the database were changed', { migrations: migrated.ran });
    }
    return migrated;
  } catch (error) {
    return options.signal?.aborted === true ? STOPPED : { ok: false, problem: explain(error) };
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
    // The lock goes with the connection.
    await client.end().catch(() => undefined);
  }
};

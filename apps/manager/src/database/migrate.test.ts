import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METRIC_FIELDS } from '@innkeeper/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepLog } from '../../../../test/support/postgres-log.ts';
import {
  createTestDatabase,
  MIGRATIONS_DIR,
  type TestDatabase,
} from '../../../../test/support/postgres.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { migrate, type Migrated } from './migrate.ts';

let folder = '';
let empty: TestDatabase;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'innkeeper-migrations-'));
  cpSync(MIGRATIONS_DIR, folder, { recursive: true });
  empty = await createTestDatabase({ migrated: false });
});

afterEach(async () => {
  await empty.drop();
  rmSync(folder, { recursive: true, force: true });
});

const run = async (log = keepLog()): Promise<Migrated> =>
  migrate({ address: { url: empty.url }, folder, log });

const addMigration = (name: string, up: string): void => {
  writeFileSync(join(folder, name), `-- Up Migration\n${up};\n-- Down Migration\nSELECT 1;\n`);
};

const listTables = async (): Promise<readonly unknown[]> => {
  const text = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename";
  return (await empty.database.query({ text })).rows;
};

test('of ten managers that start on an empty database, one makes the tables, and all come up', async () => {
  const all = await Promise.all(Array.from({ length: 10 }, async () => run()));
  const ran = all.flatMap((result) => (result.ok ? result.ran : [result.problem]));
  const names = readdirSync(MIGRATIONS_DIR).map((file) => file.replace('.sql', ''));
  expect(ran).toStrictEqual(names);
  const { rows } = await empty.database.query({ text: 'SELECT name FROM migration ORDER BY id' });
  expect(rows).toStrictEqual(names.map((name) => ({ name })));
});

test('whoever is to stop does not wait for another manager', async () => {
  const stopping = new AbortController();
  const log = keepLog();
  await empty.database.transaction(async (other) => {
    await other.query({ text: 'SELECT pg_advisory_xact_lock(4861203155093274114)' });
    const migrated = migrate({ address: { url: empty.url }, folder, log, signal: stopping.signal });
    await waitUntil('it waits for its turn', () => log.lines.length > 0);
    stopping.abort();
    expect(await migrated).toHaveProperty('problem', expect.stringContaining('stopped'));
  });
  const never = await migrate({
    address: { url: empty.url },
    folder,
    log,
    signal: stopping.signal,
  });
  expect(never).toMatchObject({ ok: false });
  expect(await listTables()).toStrictEqual([]);
});

test('a database from a newer version is a sentence, and stays as it is', async () => {
  await run();
  await empty.database.query({
    text: "INSERT INTO migration (name, run_on) VALUES ('999_future', now())",
  });
  addMigration('004_ours.sql', 'CREATE TABLE ours (id int)');
  const before = await listTables();
  const migrated = await run();
  expect(migrated).toMatchObject({ ok: false });
  expect(migrated).toHaveProperty('problem', expect.stringMatching(/newer version .*999_future/u));
  expect(await listTables()).toStrictEqual(before);
});

test('a migration that fails leaves nothing of itself or of those beside it', async () => {
  addMigration('004_good.sql', 'CREATE TABLE good (id int)');
  addMigration('005_bad.sql', 'CREATE TABLE bad (id nonsense)');
  expect(await run()).toHaveProperty('problem', expect.stringContaining('nonsense'));
  expect(await listTables()).toStrictEqual([{ tablename: 'migration' }]);
  rmSync(join(folder, '005_bad.sql'));
  expect(await run()).toMatchObject({ ok: true });
});

test('other files in the folder are no migrations', async () => {
  writeFileSync(join(folder, 'README.md'), 'about migrations');
  writeFileSync(join(folder, '001_access.sql~'), 'nonsense');
  expect(await run()).toMatchObject({ ok: true });
});

test('a folder without migrations is a sentence', async () => {
  const options = { address: { url: empty.url }, log: keepLog() };
  const bare = mkdtempSync(join(folder, 'bare-'));
  const expected = { ok: false, problem: `there is no migration in ${bare}` };
  expect(await migrate({ ...options, folder: bare })).toStrictEqual(expected);
  const missing = await migrate({ ...options, folder: join(folder, 'missing') });
  expect(missing).toHaveProperty('problem', expect.stringContaining('missing'));
});

test('a user who may not make tables is a sentence that says so', async () => {
  const role = `reader_${Math.floor(Math.random() * 1e9)}`;
  await empty.database.query({ text: `CREATE ROLE ${role} LOGIN` });
  await empty.database.query({ text: 'REVOKE CREATE ON SCHEMA public FROM PUBLIC' });
  try {
    const url = empty.url.replace('innkeeper@', `${role}@`);
    const migrated = await migrate({ address: { url }, folder, log: keepLog() });
    expect(migrated).toHaveProperty('problem', expect.stringContaining('lacks a permission'));
  } finally {
    await empty.database.query({ text: `DROP ROLE ${role}` });
  }
});

test('the tables of samples have the metrics as columns, in their order', async () => {
  await run();
  const text = `SELECT column_name AS name FROM information_schema.columns
    WHERE table_name = $1::text ORDER BY ordinal_position`;
  const columnsOf = async (table: string): Promise<readonly unknown[]> =>
    (await empty.database.query({ text, values: [table] })).rows;
  const named = (names: readonly string[]): unknown[] => names.map((name) => ({ name }));
  expect(await columnsOf('sample')).toStrictEqual(
    named(['ts', 'vm_key', 'origin', ...METRIC_FIELDS]),
  );
  const averaged = METRIC_FIELDS.flatMap((field) => [`avg_${field}`, `max_${field}`]);
  for (const table of ['roll_10s', 'roll_1m', 'roll_15m', 'roll_1h']) {
    expect(await columnsOf(table)).toStrictEqual(
      named(['ts', 'vm_key', 'n', 'n_host', ...averaged]),
    );
  }
});

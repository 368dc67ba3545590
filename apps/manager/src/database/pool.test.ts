/** The pool on real servers: one that all tests share, and one that is stopped and killed. */
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepLog } from '../../../../test/support/postgres-log.ts';
import {
  createTestDatabase,
  startTestServer,
  type TestDatabase,
  type TestServer,
} from '../../../../test/support/postgres.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { DatabaseUnavailable, type Queryable } from './database.ts';
import { openDatabase } from './pool.ts';

const countConnections = async (database: Queryable): Promise<unknown> => {
  const { rows } = await database.query({
    text: 'SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database()',
  });
  return rows[0];
};

describe('a database', () => {
  let test1: TestDatabase;
  beforeAll(async () => {
    test1 = await createTestDatabase({ migrated: false });
    await test1.database.query({ text: 'CREATE TABLE guest (name text PRIMARY KEY)' });
  });
  afterAll(async () => test1.drop());

  const names = async (): Promise<readonly unknown[]> =>
    (await test1.database.query({ text: 'SELECT name FROM guest ORDER BY name' })).rows;

  test('answers a prepared statement with rows and their number', async () => {
    const insert = { name: 'insert-guest', text: 'INSERT INTO guest VALUES ($1::text)' };
    for (const guest of ['anna', 'bert']) {
      expect(await test1.database.query({ ...insert, values: [guest] })).toStrictEqual({
        rows: [],
        rowCount: 1,
      });
    }
    expect(await names()).toStrictEqual([{ name: 'anna' }, { name: 'bert' }]);
    await test1.database.query({ text: 'TRUNCATE guest' });
  });

  test('keeps what a transaction did, and nothing of one that threw', async () => {
    const added = await test1.database.transaction(async (transaction) => {
      await transaction.query({ text: "INSERT INTO guest VALUES ('carl')" });
      return 'carl';
    });
    expect(added).toBe('carl');
    const failed = test1.database.transaction(async (transaction) => {
      await transaction.query({ text: "INSERT INTO guest VALUES ('dora')" });
      throw new Error('not her');
    });
    await expect(failed).rejects.toThrow('not her');
    expect(await names()).toStrictEqual([{ name: 'carl' }]);
    await test1.database.query({ text: 'TRUNCATE guest' });
  });

  test('says so when a transaction was rolled back though its work went on', async () => {
    const done = test1.database.transaction(async (transaction) => {
      await transaction.query({ text: "INSERT INTO guest VALUES ('emil')" });
      await transaction.query({ text: 'SELECT 1 / 0' }).catch(() => undefined);
    });
    await expect(done).rejects.toThrow('the transaction was rolled back');
    expect(await names()).toStrictEqual([]);
  });

  test('refuses a query of a transaction that is over', async () => {
    let late: Queryable | undefined;
    await test1.database.transaction(async (transaction) => {
      late = transaction;
    });
    await expect(late?.query({ text: 'SELECT 1' })).rejects.toThrow('the transaction is over');
  });

  test('keeps the connection after an error that is not its own', async () => {
    const database = openDatabase({ address: test1, log: keepLog(), maxConnections: 1 });
    try {
      const pid = { text: 'SELECT pg_backend_pid() AS pid' };
      const before = await database.query(pid);
      await expect(database.query({ text: 'SELECT 1 / 0' })).rejects.toMatchObject({
        code: '22012',
      });
      expect(await database.query(pid)).toStrictEqual(before);
    } finally {
      await database.close();
    }
  });

  test('opens no more connections than allowed, and closes all of them', async () => {
    const database = openDatabase({ address: test1, log: keepLog(), maxConnections: 3 });
    const sleepers = Array.from({ length: 9 }, async () =>
      database.query({ text: 'SELECT pg_sleep(0.05)' }),
    );
    await sleepers[0];
    expect(await countConnections(test1.database)).toStrictEqual({ n: 4 });
    await Promise.all(sleepers);
    await database.close();
    await waitUntil('its connections are closed', async () => {
      const left = await countConnections(test1.database);
      return JSON.stringify(left) === '{"n":1}';
    });
  });

  test('waits for a free connection for a limited time', async () => {
    const database = openDatabase({
      address: test1,
      log: keepLog(),
      maxConnections: 1,
      connectTimeoutMs: 50,
    });
    try {
      const long = database.query({ text: 'SELECT pg_sleep(0.5)' });
      await expect(database.query({ text: 'SELECT 1' })).rejects.toThrow(DatabaseUnavailable);
      await long;
    } finally {
      await database.close();
    }
  });

  test('ends a statement that takes too long, and keeps its connection', async () => {
    const log = keepLog();
    const database = openDatabase({
      address: test1,
      log,
      statementTimeoutMs: 50,
      maxConnections: 1,
    });
    try {
      const pid = { text: 'SELECT pg_backend_pid() AS pid' };
      const before = await database.query(pid);
      const endless = database.query({ text: 'SELECT pg_sleep(600)' });
      await expect(endless).rejects.toThrow(DatabaseUnavailable);
      expect(await database.query(pid)).toStrictEqual(before);
      expect(log.lines).toStrictEqual([]);
    } finally {
      await database.close();
    }
  });
});

describe('a server that goes away', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => server.remove());

  test.each(['stop', 'kill9'] as const)(
    'by %s: statements fail as unavailable, said once, until it is back',
    async (how) => {
      const log = keepLog();
      const database = openDatabase({ address: { url: server.url }, log, connectTimeoutMs: 2_000 });
      try {
        // One that is idle and one in use when it happens.
        await Promise.all([1, 2].map(async () => database.query({ text: 'SELECT 1' })));
        const running = database.transaction(async (transaction) =>
          transaction.query({ text: 'SELECT pg_sleep(60)' }),
        );
        const ended = expect(running).rejects.toThrow(DatabaseUnavailable);
        await server[how]();
        await ended;
        for (let time = 0; time < 3; time += 1) {
          await expect(database.query({ text: 'SELECT 1' })).rejects.toThrow(DatabaseUnavailable);
        }
        expect(database.downSinceMonotonicMs()).toBeLessThanOrEqual(performance.now());
        await server.start();
        expect((await database.query({ text: 'SELECT 1 AS n' })).rows).toStrictEqual([{ n: 1 }]);
        expect(database.downSinceMonotonicMs()).toBeUndefined();
        expect(log.lines).toStrictEqual([
          'warn the database is unavailable',
          'info the database is available again',
        ]);
      } finally {
        await database.close();
      }
    },
  );

  test('a connection that somebody ends is replaced', async () => {
    const database = openDatabase({
      address: { url: server.url },
      log: keepLog(),
      maxConnections: 1,
    });
    const admin = new Client({ connectionString: server.url });
    await admin.connect();
    try {
      const { rows } = await database.query({ text: 'SELECT pg_backend_pid() AS pid' });
      await admin.query('SELECT pg_terminate_backend((($1::jsonb)->0->>$2)::int)', [
        JSON.stringify(rows),
        'pid',
      ]);
      await expect
        .poll(async () => database.query({ text: 'SELECT 1 AS n' }).catch(() => undefined))
        .toStrictEqual({ rows: [{ n: 1 }], rowCount: 1 });
    } finally {
      await admin.end();
      await database.close();
    }
  });
});

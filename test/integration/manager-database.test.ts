/** A manager on somebody's own Postgres: one that comes late, goes away, or is the wrong one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openDatabase } from '../../apps/manager/src/database/pool.ts';
import {
  runManager,
  spawnManager,
  startManager,
  type ManagerProcess,
} from '../support/manager-process.ts';
import { askReady, createVm, historyOf, readingOf } from '../support/manager-questions.ts';
import {
  longestGapMs,
  makeFleet,
  raggedMs,
  readSamples,
  untilStored,
} from '../support/manager-samples.ts';
import { openSocket } from '../support/manager-socket.ts';
import { outcomeOf } from '../support/http-served-app.ts';
import { createTestDatabase, startTestServer, type TestServer } from '../support/postgres.ts';
import { keepLog } from '../support/postgres-log.ts';
import { waitUntil } from '../support/wait-until.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

/** After so long without its database the manager says that it is not ready. */
const GRACE_MS = 15_000;
const TURNS_MS = 3_000;

let server: TestServer;
/** Where a database is named in the URL of the server. */
const folderOf = ({ url }: TestServer): string =>
  dirname(decodeURIComponent(new URL(url).hostname));

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => server.remove());

const runSql = async (...statements: readonly string[]): Promise<void> => {
  const database = openDatabase({ address: { url: server.url }, log: keepLog() });
  try {
    for (const text of statements) await database.query({ text });
  } finally {
    await database.close();
  }
};

describe('a server that goes away', () => {
  test('costs neither readings nor samples, and is told', async () => {
    await runSql('CREATE DATABASE away');
    const address = { url: server.urlOf('away') };
    const manager = await startManager({ databaseUrl: address.url });
    onTestFinished(async () => void (await manager.stop()));
    const { agent, vmIds } = await makeFleet(manager, 5);
    onTestFinished(async () => void (await agent.kill()));
    const [vmId = ''] = vmIds;
    await untilStored(address, 5, 3);
    const socket = await openSocket(manager);
    onTestFinished(() => socket.close());
    await socket.emit('vm:subscribe', { vm_id: vmId });
    const began = Date.now();

    await server.stop();
    await waitUntil('it is noticed', () => manager.hasLogged('the database is unavailable'));
    await socket.until('readings are still pushed', ({ origin }) => origin === 'guest');
    expect(await readingOf(manager, vmId)).toMatchObject({ state: 'up', origin: 'guest' });
    const change = { method: 'POST', json: { name: 'in vain' } };
    expect(outcomeOf(await manager.ask('/v1/vms', change))).toBe('503 database_unavailable');
    expect(outcomeOf(await manager.ask(`/v1/vms/${vmId}/metrics/history`))).toBe(
      '503 database_unavailable',
    );
    // What is known is answered, to whoever could sign in before.
    for (const path of ['/v1/vms', `/v1/vms/${vmId}`, '/v1/session', '/metrics', '/v1/tokens']) {
      expect((await manager.ask(path)).status, path).toBe(200);
    }
    expect((await askReady(manager)).status).toBe(200);
    await waitUntil(
      'it says that it is not ready',
      async () => (await askReady(manager)).status === 503,
      GRACE_MS + 10_000,
    );
    const { ready } = await askReady(manager);
    expect(ready).toMatchObject({
      status: 'not_ready',
      parts: { pull: { ok: true }, database: { ok: false } },
    });
    expect((await manager.askAs('/health')).status).toBe(200);

    await server.start();
    await waitUntil(
      'it is ready again',
      async () => (await askReady(manager)).status === 200,
      20_000,
    );
    await createVm(manager, { name: 'not in vain' });
    const turns = Math.floor((Date.now() - began) / 1000);
    await untilStored(address, 5, turns);
    const samples = await readSamples(address);
    expect(longestGapMs(samples)).toBeLessThan(TURNS_MS);
    expect(raggedMs(samples, Date.now())).toBeLessThan(TURNS_MS);
    const history = await historyOf(manager, vmId, began, Date.now());
    expect(history.origins.filter((origin) => origin === 'guest').length).toBeGreaterThan(0);
  });
});

describe('a server that is down at the start', () => {
  test('is waited for, with a word, until it comes', async () => {
    await runSql('DROP DATABASE IF EXISTS late');
    await runSql('CREATE DATABASE late');
    await server.stop();
    const manager = spawnManager({ databaseUrl: server.urlOf('late') });
    const another = spawnManager({ databaseUrl: server.urlOf('late') });
    for (const one of [manager, another]) {
      await waitUntil('it says so', () => one.hasLogged('waiting for the database'), 15_000);
    }
    // Whoever stops it meanwhile need not wait as well.
    expect(await another.stop()).toStrictEqual({ code: 0, signal: null });
    await server.start();
    await waitUntil('it is ready', () => manager.hasLogged('ready'), 60_000);
    expect(manager.hasLogged('the database answers')).toBe(true);
    expect((await manager.stop()).code).toBe(0);
  });
});

describe('the wrong server', () => {
  const expectRefusal = async (databaseUrl: string, code: number, sentence: RegExp) => {
    const ended = await runManager({ databaseUrl });
    expect(ended.stderr).toMatch(sentence);
    expect(ended.code).toBe(code);
    // A sentence, not a stack.
    expect(ended.stderr).not.toMatch(/^\s+at /mu);
    expect(ended.stdout).toBe('');
    return ended;
  };

  test('a URL that is none is a setting that is wrong', async () => {
    await expectRefusal('mysql://somewhere/db', 78, /DATABASE_URL/u);
    await expectRefusal('postgres://host:port/db', 78, /DATABASE_URL/u);
  });

  test('a database that there is not is named', async () => {
    await expectRefusal(server.urlOf('nowhere'), 1, /"nowhere" does not exist.*CREATE DATABASE/u);
  });

  test('a user or a password that is refused is told, and the password is not', async () => {
    const hba = join(folderOf(server), 'cluster', 'pg_hba.conf');
    const before = readFileSync(hba, 'utf8');
    await runSql("CREATE ROLE stranger LOGIN PASSWORD 'right'");
    writeFileSync(hba, `local all stranger scram-sha-256\n${before}`);
    await runSql('SELECT pg_reload_conf()');
    onTestFinished(() => writeFileSync(hba, before));
    const url = new URL(server.url);
    url.username = 'stranger';
    url.password = 'hunter2-wrong';
    const ended = await expectRefusal(url.href, 1, /password authentication failed.*DATABASE_URL/u);
    expect(ended.stderr).not.toContain('hunter2');
    // The right one may still not make tables there.
    url.password = 'right';
    await expectRefusal(url.href, 1, /lacks a permission.*owner of the database/u);
  });

  test('a database of a newer release is left alone', async () => {
    const { url, drop } = await createTestDatabase();
    onTestFinished(drop);
    const database = openDatabase({ address: { url }, log: keepLog() });
    await database.query({
      text: "INSERT INTO migration (name, run_on) VALUES ('999_of_tomorrow', now())",
    });
    await database.close();
    await expectRefusal(
      url,
      1,
      /newer version of Innkeeper.*999_of_tomorrow.*nothing was changed/u,
    );
  });
});

test('a start that waits for the tables of another manager can be stopped', async () => {
  const { url, database, drop } = await createTestDatabase();
  onTestFinished(drop);
  const waiting = await database.transaction(async (transaction) => {
    // The lock that a manager takes while it changes the tables.
    await transaction.query({ text: 'SELECT pg_advisory_xact_lock(4861203155093274114)' });
    const manager = spawnManager({ databaseUrl: url });
    await waitUntil(
      'it says that it waits',
      () => manager.log().some(({ message }) => message.startsWith('another manager is changing')),
      15_000,
    );
    return manager.stop();
  });
  expect(waiting).toStrictEqual({ code: 0, signal: null });
});

test('several that start at once on an empty database all come up, and share it', async () => {
  const { url, drop } = await createTestDatabase({ migrated: false });
  const adminToken = 'a-token-of-the-test-that-is-long';
  const variables = { INNKEEPER_ADMIN_TOKEN: adminToken };
  const managers: readonly ManagerProcess[] = await Promise.all(
    Array.from({ length: 4 }, async () => startManager({ databaseUrl: url, variables })),
  );
  onTestFinished(async () => {
    await Promise.all(managers.map(async (manager) => manager.stop()));
    await drop();
  });
  for (const manager of managers) {
    expect((await askReady(manager)).status).toBe(200);
    expect((await manager.ask('/v1/session')).status).toBe(200);
  }
  const changed = managers.filter((manager) =>
    manager.hasLogged('the tables of the database were changed'),
  );
  expect(changed).toHaveLength(1);
  const keys = await Promise.all(
    managers.map(async (manager) => {
      const about: unknown = (await manager.ask('/v1/manager')).json();
      return typeof about === 'object' && about !== null && 'public_keys' in about
        ? about.public_keys
        : undefined;
    }),
  );
  for (const key of keys) expect(key).toStrictEqual(keys[0]);
  expect(keys[0]).toHaveLength(1);
});

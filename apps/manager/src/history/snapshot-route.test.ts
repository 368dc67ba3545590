import { errorBodySchema, processSnapshotSchema } from '@innkeeper/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { makeFakeAuthenticator } from '../push/testing/push-server.ts';
import { makeVm } from '../push/testing/fake-fleet.ts';
import { serveApp, type ServedApp } from '../../../../test/support/http-served-app.ts';
import { makeSnapshotRoute } from './snapshot-route.ts';

const AT = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;
const vm = makeVm(7, { labels: { app: 'web' } });
const path = `/v1/vms/${vm.id}/processes/history`;

let test_: TestDatabase;
let app: ServedApp;
beforeAll(async () => {
  test_ = await createTestDatabase();
  const { database } = test_;
  await database.query({
    text: `CREATE TABLE snapshots_of_test PARTITION OF process_snapshot
           FOR VALUES FROM ('2026-11-20Z') TO ('2026-11-21Z')`,
  });
  await database.query({
    text: `INSERT INTO process_snapshot (vm_key, ts, top)
           VALUES (7, $1::timestamptz, '[[1, "init", "root", 0.5, 1024, null]]'),
                  (8, $1::timestamptz + '1 minute'::interval, '[]')`,
    values: [new Date(AT).toISOString()],
  });
  const authenticator = makeFakeAuthenticator();
  authenticator.allow('all');
  authenticator.allow('db', { scope: 'app=db' });
  const routes = [makeSnapshotRoute({ database, keepMs: 7 * DAY_MS })];
  const findVm = (id: string) => (id === vm.id ? vm : undefined);
  app = await serveApp({ routes, authenticator, findVm });
}, 60_000);
afterAll(async () => {
  await app.stop();
  await test_.drop();
});

const ask = async (query: string, token = 'all') => app.ask(`${path}?${query}`, { token });

test('a moment is answered with the list of then, up to two minutes later', async () => {
  for (const at of [AT, AT + 59_999, AT + 120_000]) {
    const reply = await ask(`at=${at}`);
    expect(reply.status).toBe(200);
    expect(processSnapshotSchema.parse(reply.json())).toEqual({
      vm_id: vm.id,
      taken_at: AT,
      processes: [
        {
          pid: 1,
          name: 'init',
          user: 'root',
          cpu_usage_percent: 0.5,
          rss_bytes: 1024 * 1024,
          memory_usage_percent: null,
        },
      ],
    });
  }
});

test.each([AT - 1, AT + 120_001, 0, 99_999_999_999_999])(
  'at %i there is none, and the answer says why',
  async (at) => {
    const reply = await ask(`at=${at}`);
    expect(reply.status).toBe(404);
    const { error } = errorBodySchema.parse(reply.json());
    expect(error.code).toBe('no_snapshot');
    expect(error.message).toContain('kept for 7 d');
  },
);

test.each(['', 'at=now', 'at=-1', `at=${AT}&top=3`, `at=${AT}&at=${AT}`])(
  'the question %j is 422',
  async (query) => {
    expect((await ask(query)).status).toBe(422);
  },
);

test('outside of one’s scope there is no such VM', async () => {
  const reply = await ask(`at=${AT}`, 'db');
  expect(reply.status).toBe(404);
  expect(reply.json()).toMatchObject({ error: { code: 'vm_not_found' } });
});

import { METRIC_FIELDS, pageOf, vmEventSchema, type VmEvent } from '@innkeeper/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { makeFakeClock } from '../../../../test/support/store-reading.ts';
import type { AnyRoute } from '../http/route.ts';
import { parseLabelSelector, type LabelSelector } from '../vms/label-selector.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { makeEventRoute } from './event-route.ts';
import { makeHistoryRoute } from './history-route.ts';
import type { HistoryQuery } from './read-history.ts';

const pageSchema = pageOf(vmEventSchema);
const NOW = Date.UTC(2026, 10, 20, 12);
const HOUR_MS = 3_600_000;
const clock = makeFakeClock(NOW);
const vm: VmRecord = {
  id: '6f1c2a34-0000-4000-8000-000000000001',
  key: 7,
  name: 'seven',
  guestIp: undefined,
  agentPort: 8080,
  agentSocket: undefined,
  hostId: undefined,
  vmm: undefined,
  labels: {},
  enrolledAt: undefined,
  tlsPin: undefined,
  isLocal: false,
  createdAt: 0,
  updatedAt: 0,
};

let test_: TestDatabase;
beforeAll(async () => {
  test_ = await createTestDatabase();
}, 60_000);
afterAll(() => test_.drop());

const ask = (route: AnyRoute, query: Readonly<Record<string, string>>, scope?: LabelSelector) =>
  route.answer({
    params: { id: vm.id },
    query,
    readBody: () => Promise.resolve({ ok: true, body: {} }),
    header: () => undefined,
    signal: new AbortController().signal,
    actor: { kind: 'token', id: vm.id, name: 'viewer', role: 'viewer', scope },
    findVm: (id) => (id === vm.id ? vm : undefined),
    requestId: 'r',
    remoteAddress: '127.0.0.1',
  });

const makeAskHistory = () => {
  const asked: HistoryQuery[] = [];
  const route = makeHistoryRoute({
    clock,
    history: (query) => {
      asked.push(query);
      const { from, to } = query;
      return Promise.resolve({ from, to, tier: 'raw', step_ms: 1, t: [], origins: [], series: {} });
    },
  });
  return { asked, route };
};

test('without a word about it, the history is that of the last hour', async () => {
  const { asked, route } = makeAskHistory();
  const answer = await ask(route, {});
  expect(answer).toMatchObject({ ok: true, status: 200, body: { vm_id: vm.id } });
  expect(asked).toMatchObject([{ vmKey: 7, from: NOW - HOUR_MS, to: NOW, points: 500 }]);
  expect(asked[0]?.fields).toContain('cpu_usage_percent');
});

test('the history is that of the range, points and fields that were asked for', async () => {
  const { asked, route } = makeAskHistory();
  await ask(route, { from: '1000', to: '2000', points: '3', fields: 'load1,pull_seconds,load1' });
  expect(asked).toEqual([
    { vmKey: 7, from: 1000, to: 2000, points: 3, fields: ['load1', 'pull_seconds'] },
  ]);
  await ask(route, { fields: METRIC_FIELDS.join(',') });
  expect(asked[1]?.fields).toEqual(METRIC_FIELDS);
});

test.each([
  [{ from: '2000', to: '1000' }, 'from: must be before to'],
  [{ from: '1000', to: '1000' }, 'from: must be before to'],
  [{ from: '0', to: '99999999999999' }, 'from: must be at most'],
  [{ from: 'yesterday' }, 'from: must be whole unix milliseconds'],
  [{ from: '-1' }, 'from: must be whole unix milliseconds'],
  [{ from: '1.5' }, 'from: must be whole unix milliseconds'],
  [{ to: '' }, 'to: must be whole unix milliseconds'],
  [{ points: '0' }, 'points: must be a whole number from 1 to 2000'],
  [{ points: '2001' }, 'points: must be a whole number from 1 to 2000'],
  [{ points: '1e3' }, 'points: must be a whole number from 1 to 2000'],
  [{ fields: 'cpu' }, 'fields: must be names joined by commas; accepted are cpu_usage_percent'],
  [{ fields: 'load1,' }, 'fields: must be names'],
  [{ fields: '' }, 'fields: must be names'],
  [{ fields: 'ts);DROP TABLE sample;--' }, 'fields: must be names'],
  [{ fields: 'load1,'.repeat(10_000) }, 'fields: must be names'],
  [{ step: '5' }, 'accepted: from, to, points, fields'],
])('the history of %o is 422 and says why: %s', async (query, message) => {
  const { asked, route } = makeAskHistory();
  const answer = await ask(route, query);
  if (answer.ok) throw new Error('it was answered');
  expect(answer.problem).toMatchObject({ status: 422, code: 'invalid' });
  expect(answer.problem.message).toContain(message);
  expect(asked).toEqual([]);
});

test('whoever comes after too many others is told to come again', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const route = makeHistoryRoute({
    clock,
    history: async ({ from, to }) => {
      await held;
      return { from, to, tier: 'raw', step_ms: 1, t: [], origins: [], series: {} };
    },
  });
  const all = Array.from({ length: 250 }, async () => ask(route, {}));
  const last = await all.at(-1);
  expect(last).toMatchObject({ ok: false, problem: { status: 503, code: 'busy' } });
  release();
  const answers = await Promise.all(all);
  expect(answers.filter(({ ok }) => ok)).toHaveLength(203);
});

test('events come in pages, newest first, each once, also those of one moment', async () => {
  const route = makeEventRoute({ database: test_.database, clock });
  await test_.database.query({
    text: `INSERT INTO vm_event (vm_key, at, kind, detail)
           SELECT 7, to_timestamp($1::float8 / 1000) - (n / 3) * interval '1 second',
                  'state_changed', jsonb_build_object('n', n)
           FROM generate_series(0, 24) AS n`,
    values: [NOW],
  });
  await test_.database.query({
    text: `INSERT INTO vm_event (vm_key, at, kind) VALUES (8, to_timestamp($1::float8 / 1000), 'rebooted')`,
    values: [NOW],
  });
  const pages: VmEvent[][] = [];
  let cursor: string | null = null;
  do {
    const answer = await ask(route, { limit: '4', ...(cursor !== null && { cursor }) });
    if (!answer.ok) throw new Error(answer.problem.message);
    const page = pageSchema.parse(answer.body);
    pages.push(page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(pages.map((items) => items.length)).toEqual([4, 4, 4, 4, 4, 4, 1]);
  const events = pages.flat();
  expect(events.map(({ at }) => at)).toEqual(
    Array.from({ length: 25 }, (_, n) => NOW - Math.floor(n / 3) * 1000),
  );
  expect(new Set(events.map(({ detail }) => detail['n'])).size).toBe(25);

  const some = await ask(route, { from: String(NOW - 2000), to: String(NOW - 1000) });
  if (!some.ok) throw new Error(some.problem.message);
  expect(pageSchema.parse(some.body).items.map(({ at }) => at)).toEqual(
    Array.from({ length: 3 }, () => NOW - 2000),
  );
});

test('the names of hosts in events are for those only who may see hosts', async () => {
  const moment = NOW - HOUR_MS;
  await test_.database.query({
    text: `INSERT INTO vm_event (vm_key, at, kind, detail)
           VALUES (7, to_timestamp($1::float8 / 1000), 'host_changed', '{"from": null, "to": "hv-1"}')`,
    values: [moment],
  });
  const scope = parseLabelSelector('!legacy');
  if (!scope.ok) throw new Error(scope.problem);
  const route = makeEventRoute({ database: test_.database, clock });
  const query = { from: String(moment), to: String(moment + 1) };
  const details = async (seenBy?: LabelSelector): Promise<unknown> => {
    const answer = await ask(route, query, seenBy);
    if (!answer.ok) throw new Error(answer.problem.message);
    return pageSchema.parse(answer.body).items.map(({ kind, detail }) => [kind, detail]);
  };
  expect(await details()).toEqual([['host_changed', { from: null, to: 'hv-1' }]]);
  expect(await details(scope.selector)).toEqual([['host_changed', {}]]);
});

test.each([
  [{ limit: '0' }, 'limit: must be a whole number from 1 to 1000'],
  [{ cursor: '1' }, 'cursor: must be the next_cursor of the page before'],
  [{ cursor: '1-9999999999999999999' }, 'cursor: must be the next_cursor of the page before'],
  [{ from: '5', to: '5' }, 'from: must be before to'],
])('events of %o are 422: %s', async (query, message) => {
  const answer = await ask(makeEventRoute({ database: test_.database, clock }), query);
  if (answer.ok) throw new Error('it was answered');
  expect(answer.problem).toMatchObject({ status: 422, code: 'invalid' });
  expect(answer.problem.message).toContain(message);
});

test('the largest numbers that are accepted are answered', async () => {
  const route = makeEventRoute({ database: test_.database, clock });
  const cursor = '999999999999999999-999999999999999999';
  const answer = await ask(route, { to: '99999999999999', cursor });
  expect(answer).toMatchObject({ ok: true });
});

/** The search over HTTP, as its users ask, on a real Postgres. */
import { logSearchSchema, type LogSearch } from '@innkeeper/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  serveAccessControl,
  type AccessControlled,
} from '../../../../../test/support/http-access-control.ts';
import { messageOf, outcomeOf } from '../../../../../test/support/http-served-app.ts';
import { LOG_START, makeKeptRow } from '../../../../../test/support/log-lines.ts';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/postgres.ts';
import { makeActor, makeVm } from '../../../../../test/support/registry-fixtures.ts';
import { waitUntil } from '../../../../../test/support/wait-until.ts';
import type { Database } from '../../database/database.ts';
import { makePartitions } from '../../store/partitions.ts';
import { makeReadKeptPage, type KeptPageQuery } from './kept-page.ts';
import type { KeptRow } from './kept-row.ts';
import { makeSearchLogs } from './search-logs.ts';
import { makeLogSearchRoute } from './search-route.ts';
import { insertKeptLogs } from './sql/insert-kept-logs.ts';
import { upsertLogVms } from './sql/upsert-log-vms.ts';

const HOUR_MS = 3_600_000;
const KEEP = { raw: HOUR_MS, '10s': HOUR_MS, '1m': HOUR_MS, '15m': HOUR_MS, '1h': HOUR_MS };
const NOW = LOG_START + HOUR_MS;
const web = makeVm(1, { name: 'web', labels: { env: 'prod' } });
const db = makeVm(2, { name: 'db', labels: { env: 'test' } });
const gone = makeVm(3, { name: 'gone' });

let test_: TestDatabase;
let served: AccessControlled;
let scopedToken = '';

const rows: readonly KeptRow[] = [
  makeKeptRow(1, 1, { level: 'error', message: 'Upstream TIMED out', target: 'nginx.service' }),
  makeKeptRow(2, 2, { message: '100% of _all_ \\ disks', target: 'sshd' }),
  makeKeptRow(1, 3, { level: 'info', message: 'timed out again', target: 'kernel', cut_bytes: 9 }),
  makeKeptRow(3, 4, { message: 'last of a VM that is gone', stream: 'stderr' }),
  makeKeptRow(2, 5, { level: 'debug', message: '<script>alert(1)</script>\u202e\u0007' }),
  // Many of one moment: pages must not lose or repeat any.
  ...Array.from({ length: 40 }, (_, n) =>
    makeKeptRow(1, 100 + n, { timestamp: LOG_START + 100_000, message: `burst ${n}` }),
  ),
];

beforeAll(async () => {
  test_ = await createTestDatabase();
  const { database } = test_;
  const clock = { now: () => NOW };
  await makePartitions({ database, clock, keepMs: KEEP }).ensure('logs', LOG_START, NOW);
  await insertKeptLogs(database, rows);
  await upsertLogVms(
    database,
    [web, db, gone].map(({ key, id, name }) => ({
      vmKey: key,
      vmId: id,
      name,
      cursor: undefined,
      resumeAfter: undefined,
    })),
  );
  const searchLogs = makeSearchLogs({ database, vms: { all: () => [web, db] } });
  const routes = [makeLogSearchRoute({ search: searchLogs, clock })];
  served = await serveAccessControl({ database, routes });
  const made = await served.app.ask('/v1/tokens', {
    method: 'POST',
    token: served.adminToken,
    json: { name: 'scoped', role: 'viewer', scope: 'env=prod' },
  });
  scopedToken = z.looseObject({ token: z.string() }).parse(made.json()).token;
}, 60_000);
afterAll(async () => {
  await served.stop();
  await test_.drop();
});

const ask = async (query: string, token = served.adminToken) =>
  served.app.ask(`/v1/logs/search${query}`, { token });
const search = async (query: string, token?: string): Promise<LogSearch> =>
  logSearchSchema.parse((await ask(query, token)).json());
const messages = ({ items }: LogSearch): string[] => items.map(({ message }) => message);
const EARLY = `?until=${LOG_START + 99_000}`;

test('lines of all VMs come newest first, with their VM, also where it is gone', async () => {
  const found = await search(EARLY);
  expect(messages(found)).toEqual([
    '<script>alert(1)</script>\u202e\u0007',
    'last of a VM that is gone',
    'timed out again',
    '100% of _all_ \\ disks',
    'Upstream TIMED out',
  ]);
  expect(found.items.map(({ vm_name }) => vm_name)).toEqual(['db', 'gone', 'web', 'db', 'web']);
  expect(found.items[2]).toMatchObject({
    vm_id: web.id,
    timestamp: LOG_START + 3_000,
    received_at: LOG_START + 3_005,
    level: 'info',
    target: 'kernel',
    fields: { _PID: '812', SYSLOG_IDENTIFIER: 'app' },
    cursor: 's=1;i=3',
    cut_bytes: 9,
    kept_for: 'level',
    source: null,
  });
  expect(found.items[1]).toMatchObject({ vm_id: gone.id, stream: 'stderr' });
  expect(found.oldest).toBe(LOG_START + 1_000);
  expect(found.next_cursor).toBeNull();
  expect((await ask(EARLY)).text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
});

test.each([
  ['&q=timed%20OUT', ['timed out again', 'Upstream TIMED out']],
  ['&q=100%25%20of%20_', ['100% of _all_ \\ disks']],
  ['&q=1%25', []],
  ['&q=%5C', ['100% of _all_ \\ disks']],
  ["&q='%3B--", []],
  ['&level=error', ['Upstream TIMED out']],
  ['&level=warn&unit=sshd', ['100% of _all_ \\ disks']],
  ['&unit=nginx&unit=kernel', ['timed out again', 'Upstream TIMED out']],
  [`&vm_id=${gone.id}`, ['last of a VM that is gone']],
  [`&vm_id=${gone.id}&vm_id=${web.id}&level=error`, ['Upstream TIMED out']],
  [`&vm_id=${makeVm(99).id}`, []],
  ['&labels=env%3Dprod', ['timed out again', 'Upstream TIMED out']],
  ['&labels=!env', []],
  [
    `&since=${LOG_START + 2_000}&until=${LOG_START + 3_000}`,
    ['timed out again', '100% of _all_ \\ disks'],
  ],
])('can be narrowed by %s', async (query, expected) => {
  const until = query.includes('until') ? '?limit=100' : EARLY;
  expect(messages(await search(`${until}${query}`))).toEqual(expected);
});

test('pages have no gap and no repeat, also within one moment', async () => {
  const seen: string[] = [];
  let cursor = '';
  for (let pages = 1; ; pages += 1) {
    const page = await search(`?limit=7${cursor}`);
    expect(page.histogram === null).toBe(pages > 1);
    seen.push(...messages(page));
    if (page.next_cursor === null) break;
    cursor = `&cursor=${page.next_cursor}`;
  }
  expect(seen).toEqual(messages(await search('?limit=1000')));
  expect(seen).toHaveLength(45);
  expect(seen.slice(0, 40)).toEqual(Array.from({ length: 40 }, (_, n) => `burst ${39 - n}`));
});

// One page of all, which is counted as it is, and a part of it, which Postgres counts.
test.each([1_000, 1])(
  'the histogram counts all that fits, by level (pages of %i)',
  async (limit) => {
    const range = `since=${LOG_START}&until=${LOG_START + 119_000}`;
    const { histogram } = await search(`?${range}&limit=${limit}`);
    expect(histogram).toMatchObject({ from: LOG_START, step_ms: 1_000 });
    const sum = (counts: readonly number[] = []): number => counts.reduce((a, b) => a + b, 0);
    expect(histogram?.warn).toHaveLength(120);
    expect(histogram?.warn[100]).toBe(40);
    expect([
      sum(histogram?.error),
      sum(histogram?.warn),
      sum(histogram?.info),
      sum(histogram?.debug),
    ]).toEqual([1, 42, 1, 1]);
  },
);

describe('whoever has a scope', () => {
  test.each(['', `&vm_id=${db.id}&vm_id=${gone.id}&vm_id=${web.id}`, '&labels=env'])(
    'sees the lines of its VMs only%s',
    async (query) => {
      const found = await search(`${EARLY}${query}`, scopedToken);
      expect(messages(found)).toEqual(['timed out again', 'Upstream TIMED out']);
      const sum = found.histogram?.debug.reduce((a, b) => a + b, 0);
      expect(sum).toBe(0);
    },
  );
});

test.each([
  ['?limit=1001', /^limit/u],
  ['?cursor=x', /^cursor/u],
  ['?level=loud', /^level/u],
  ['?vm_id=x', /^vm_id/u],
  ['?labels=%3D', /^labels/u],
  ['?since=yesterday', /^since/u],
  ['?since=2&until=1', /^since/u],
  ['?q=%00', /^q/u],
  ['?q=a&q=b', /^q/u],
  ['?regex=x', /^regex/u],
])('%s is refused, and named', async (query, message) => {
  const reply = await ask(query);
  expect(outcomeOf(reply)).toBe('422 invalid');
  expect(messageOf(reply)).toMatch(message);
});

/** Takes nine seconds for such statements. */
const slowDatabase = (isSlow: (text: string) => boolean): Database => {
  const { database } = test_;
  return {
    query: (statement) => database.query(statement),
    transaction: (work) =>
      database.transaction((transaction) =>
        work({
          query: (statement) =>
            transaction.query(isSlow(statement.text) ? { text: 'SELECT pg_sleep(99)' } : statement),
        }),
      ),
  };
};

const QUESTION = {
  from: LOG_START,
  to: NOW,
  level: 0,
  targets: [],
  text: undefined,
  vmIds: undefined,
  labels: undefined,
  behind: undefined,
  limit: 10,
};

test('whoever sees some VMs only does not learn how old the lines of others are', async () => {
  const { database } = test_;
  const searchLogs = makeSearchLogs({ database, vms: { all: () => [web, db] } });
  const oldestFor = async (scope?: string): Promise<number | null | undefined> => {
    const answer = await searchLogs(makeActor('viewer', scope), QUESTION);
    return answer.ok ? answer.found.oldest : undefined;
  };
  expect(await oldestFor()).toBe(LOG_START + 1_000);
  expect(await oldestFor('env=test')).toBe(LOG_START + 2_000);
  expect(await oldestFor('env=other')).toBeNull();
});

test('for whoever has gone meanwhile nothing is searched', async () => {
  const searchLogs = makeSearchLogs({
    database: { query: () => expect.fail('asked'), transaction: () => expect.fail('asked') },
    vms: { all: () => [web, db] },
  });
  const answer = await searchLogs(makeActor('admin'), QUESTION, AbortSignal.abort());
  expect(answer.ok).toBe(false);
});

const runningOf = async (text: string): Promise<number> => {
  const { rowCount } = await test_.database.query({
    text: `SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()
      AND datname = current_database()`,
    values: [text],
  });
  return rowCount;
};

test.each(['LIMIT', 'date_bin'])(
  'what is searched for whoever goes is ended, and its connection good for others (%s)',
  async (slow) => {
    const searchSlow = makeSearchLogs({
      database: slowDatabase((text) => text.includes(slow)),
      vms: { all: () => [web, db] },
      searchMs: 600_000,
      countMs: 600_000,
    });
    const leaving = new AbortController();
    const answer = searchSlow(makeActor('admin'), QUESTION, leaving.signal);
    await waitUntil('it runs', async () => (await runningOf('%pg_sleep(9_)%')) === 1, 20_000);
    leaving.abort();
    expect(await answer).toMatchObject(slow === 'LIMIT' ? { ok: false } : { ok: true });
    expect(await runningOf('%pg_sleep(9_)%')).toBe(0);
    expect((await search(EARLY)).items).toHaveLength(5);
  },
  60_000,
);

describe('where Postgres is slow', () => {
  const askSlow = async (isSlow: (text: string) => boolean) => {
    const searchSlow = makeSearchLogs({
      database: slowDatabase(isSlow),
      vms: { all: () => [web, db] },
      searchMs: 100,
      countMs: 100,
    });
    return searchSlow(makeActor('admin'), QUESTION);
  };

  test('a search that takes too long ends with a word about it', async () => {
    expect(await askSlow((text) => text.includes('LIMIT'))).toEqual({
      ok: false,
      problem: 'too_broad',
    });
  });

  test('the lines come without a histogram where counting takes too long', async () => {
    const answer = await askSlow((text) => text.includes('date_bin'));
    expect(answer).toMatchObject({ ok: true, found: { histogram: null } });
    expect(answer.ok && answer.found.items).toHaveLength(10);
  });
});

describe('a page of one VM', () => {
  const query: KeptPageQuery = {
    source: undefined,
    since: undefined,
    until: LOG_START + 99_000,
    isForwards: false,
    filter: {},
    max: 10,
    signal: new AbortController().signal,
  };
  const page = async (changes: Partial<KeptPageQuery>): Promise<string[]> => {
    const readKeptPage = makeReadKeptPage({ database: test_.database, clock: { now: () => NOW } });
    const lines = await readKeptPage(web, { ...query, ...changes });
    return (lines ?? []).map(({ message }) => message);
  };

  test('has its last lines, oldest first, or the first since a moment', async () => {
    expect(await page({})).toEqual(['Upstream TIMED out', 'timed out again']);
    expect(await page({ max: 1 })).toEqual(['timed out again']);
    expect(await page({ until: undefined, isForwards: true, since: LOG_START, max: 3 })).toEqual([
      'Upstream TIMED out',
      'timed out again',
      'burst 0',
    ]);
  });

  test('has what a filter lets through, and nothing of another source', async () => {
    expect(await page({ filter: { level: 'error' } })).toEqual(['Upstream TIMED out']);
    expect(await page({ filter: { unit: ['nginx'] } })).toEqual(['Upstream TIMED out']);
    expect(await page({ filter: { grep: 'AGAIN' } })).toEqual(['timed out again']);
    expect(await page({ source: 'kmsg' })).toEqual([]);
  });

  test('is given up where it takes too long', async () => {
    const database = slowDatabase((text) => text.includes('LIMIT'));
    const readKeptPage = makeReadKeptPage({ database, clock: { now: () => NOW }, pageMs: 100 });
    expect(await readKeptPage(web, query)).toBeUndefined();
  });
});

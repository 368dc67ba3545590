import type { LogEvent, LogPage } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { makeApi } from '../state/api.ts';
import { makeEvent } from '../testing/log-entries.ts';
import { makeLogPages } from './log-pages.ts';

const setUp = (events: readonly LogEvent[]) => {
  const asked: string[] = [];
  const api = makeApi({
    csrfToken: () => null,
    onSignedOut: () => undefined,
    fetch: async (input) => {
      const url = new URL(input instanceof Request ? input.url : input, 'http://x');
      asked.push(url.pathname + url.search);
      const { searchParams: query } = url;
      const limit = Number(query.get('limit'));
      const since = Number(query.get('since') ?? 0);
      const until = Number(query.get('until') ?? Number.POSITIVE_INFINITY);
      const fitting = events.filter(({ timestamp }) => {
        const moment = timestamp ?? 0;
        return moment >= since && moment <= until;
      });
      const items = query.has('until') ? fitting.slice(-limit) : fitting.slice(0, limit);
      const page: LogPage = { items, origin: 'agent', reason: null, more: fitting.length > limit };
      return Response.json(page);
    },
  });
  return { asked, pages: makeLogPages(api, 'kmsg') };
};

const cursorsOf = (answer: Awaited<ReturnType<ReturnType<typeof makeLogPages>['before']>>) =>
  answer?.ok === true ? answer.value.items.map(({ cursor }) => cursor) : undefined;

const at = (timestamp: number | null, cursor = `c${timestamp}`): LogEvent =>
  makeEvent(cursor, { timestamp });

test('what was before a line is asked for by its time, and by its source', async () => {
  const { pages, asked } = setUp([at(1), at(2), at(3)]);
  expect(cursorsOf(await pages.before('a/b', at(2)))).toStrictEqual(['c1', 'c2']);
  expect(cursorsOf(await pages.after('a/b', at(2)))).toStrictEqual(['c2', 'c3']);
  expect(asked).toStrictEqual([
    '/v1/vms/a%2Fb/logs/page?source=kmsg&until=2&limit=500',
    '/v1/vms/a%2Fb/logs/page?source=kmsg&since=2&limit=500',
  ]);
});

test('a millisecond with more lines than a page is passed', async () => {
  const same = Array.from({ length: 900 }, (_, index) => at(7, `same${index}`));
  const { pages } = setUp([at(1), ...same]);
  expect(cursorsOf(await pages.before('vm', at(7)))).toContain('c1');
});

test('around a moment is what was until then and what came after', async () => {
  const { pages } = setUp([at(1), at(5), at(6), at(9)]);
  expect(cursorsOf(await pages.around('vm', 5))).toStrictEqual(['c1', 'c5', 'c6', 'c9']);
});

test('before a line without a time nobody knows what was', async () => {
  const { pages, asked } = setUp([]);
  expect(await pages.before('vm', at(null))).toBeUndefined();
  expect(asked).toStrictEqual([]);
});

import type { LogSearch } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import type { ApiResult } from '../state/api.ts';
import { makeEvent } from '../testing/log-entries.ts';
import { makeKeptFinder } from './kept-finder.ts';
import { parseKeptQuery, type KeptQuery } from './kept-query.ts';

interface Asked {
  readonly parameters: URLSearchParams;
  readonly signal: AbortSignal;
  readonly answer: (result: ApiResult<LogSearch>) => void;
}

const page = (ids: readonly string[], nextCursor: string | null): ApiResult<LogSearch> => ({
  ok: true,
  value: {
    items: ids.map((id) => ({
      ...makeEvent(id),
      id,
      vm_id: 'a',
      vm_name: 'db-01',
      source: null,
      received_at: 1,
      kept_for: 'level',
    })),
    next_cursor: nextCursor,
    histogram: null,
    oldest: null,
  },
});
const failure: ApiResult<LogSearch> = {
  ok: false,
  problem: { status: 503, code: 'busy', message: 'too many searches' },
};
const query = (text: string): KeptQuery => parseKeptQuery(new URLSearchParams({ q: text }));

const setUp = () => {
  const asked: Asked[] = [];
  const get = async (path: string, signal: AbortSignal) =>
    new Promise<ApiResult<LogSearch>>((answer) => {
      asked.push({ parameters: new URL(path, 'http://manager').searchParams, signal, answer });
    });
  const finder = makeKeptFinder(get, () => 1_000_000);
  const ids = (): readonly string[] => finder.found.value?.items.map(({ id }) => id) ?? [];
  return { asked, finder, ids };
};

test('a page that was asked for before the query changed does not come among the new lines', async () => {
  const { asked, finder, ids } = setUp();
  const first = finder.search(query('one'));
  asked[0]?.answer(page(['1', '2'], 'next'));
  await first;
  const more = finder.more();
  expect(asked[1]?.parameters.get('cursor')).toBe('next');
  const second = finder.search(query('two'));
  expect(asked[1]?.signal.aborted).toBe(true);
  asked[2]?.answer(page(['3'], null));
  await second;
  asked[1]?.answer(page(['late'], null));
  await more;
  expect(ids()).toStrictEqual(['3']);
  expect(finder.found.value?.query.text).toBe('two');
  expect(finder.isBusy.value).toBe(false);
});

test('more goes on behind what is found, once at a time, up to the end', async () => {
  const { asked, finder, ids } = setUp();
  const first = finder.search(query('one'));
  await finder.more();
  expect(asked).toHaveLength(1);
  asked[0]?.answer(page(['1'], 'next'));
  await first;
  const more = finder.more();
  await finder.more();
  expect(asked).toHaveLength(2);
  asked[1]?.answer(page(['2'], null));
  await more;
  expect(ids()).toStrictEqual(['1', '2']);
  await finder.more();
  expect(asked).toHaveLength(2);
});

test('a search that fails leaves no lines of another one, and can be tried again', async () => {
  const { asked, finder, ids } = setUp();
  const first = finder.search(query('one'));
  asked[0]?.answer(page(['1'], 'next'));
  await first;
  const second = finder.search(query('two'));
  asked[1]?.answer(failure);
  await second;
  expect([ids(), finder.problem.value?.code]).toStrictEqual([[], 'busy']);
  const again = finder.retry();
  expect(asked[2]?.parameters.get('q')).toBe('two');
  asked[2]?.answer(page(['2'], 'more'));
  await again;
  expect([ids(), finder.problem.value]).toStrictEqual([['2'], undefined]);
});

test('a page that fails is asked for again where it was', async () => {
  const { asked, finder, ids } = setUp();
  const first = finder.search(query('one'));
  asked[0]?.answer(page(['1'], 'next'));
  await first;
  const more = finder.more();
  asked[1]?.answer(failure);
  await more;
  expect(ids()).toStrictEqual(['1']);
  const again = finder.retry();
  expect(asked[2]?.parameters.get('cursor')).toBe('next');
  asked[2]?.answer(page(['2'], null));
  await again;
  expect(ids()).toStrictEqual(['1', '2']);
  finder.stop();
});

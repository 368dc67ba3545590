import type { LogEvent, LogPage } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { makeEvent, makeLine } from '../testing/log-entries.ts';
import type { PageAnswer } from './log-pages.ts';
import { makePageLoader } from './page-loader.ts';
import { makeRowStore } from './row-store.ts';

const WANTED = {
  filter: { level: undefined, units: new Set<string>(), stream: undefined },
  matcher: undefined,
  onlyMatches: false,
  from: Number.NEGATIVE_INFINITY,
};

const pageOf = (items: readonly LogEvent[], more: boolean): PageAnswer => {
  const value: LogPage = { items: [...items], origin: 'agent', reason: null, more };
  return { ok: true, value };
};

const setUp = (answer: () => PageAnswer) => {
  const rows = makeRowStore(1, WANTED);
  rows.append(0, [makeLine(5), makeLine(6)], 0, false);
  const asked: string[] = [];
  const ask = async (what: string): Promise<PageAnswer> => {
    asked.push(what);
    return answer();
  };
  const loader = makePageLoader({
    vmIds: ['vm'],
    rows,
    isPast: true,
    onLoaded: () => undefined,
    now: () => 0,
    pages: {
      before: async (_, { cursor }) => ask(`before ${cursor}`),
      after: async (_, { cursor }) => ask(`after ${cursor}`),
      around: async (_, at) => ask(`around ${at}`),
    },
  });
  return { loader, rows, asked };
};

test('earlier lines are those before the oldest, until there are none', async () => {
  let more = true;
  const { loader, rows, asked } = setUp(() => pageOf([makeEvent(more ? 'c4' : 'c3')], more));
  await loader.earlier();
  more = false;
  await loader.earlier();
  await loader.earlier();
  expect(asked).toStrictEqual(['before c5', 'before c4']);
  expect(rows.counts.lines).toBe(4);
  expect(loader.state.value).toMatchObject({ hasEarlier: false, hasLater: true });
});

test('a page that brings nothing new is the last, whatever it says', async () => {
  const { loader, asked } = setUp(() => pageOf([makeEvent('c5')], true));
  await loader.earlier();
  await loader.earlier();
  expect(asked).toStrictEqual(['before c5']);
});

test('later lines follow the newest, and are asked for once at a time', async () => {
  const { loader, rows, asked } = setUp(() => pageOf([makeEvent('c6'), makeEvent('c7')], false));
  await Promise.all([loader.later(), loader.later()]);
  expect(asked).toStrictEqual(['after c6']);
  expect(rows.newest(0)?.cursor).toBe('c7');
  expect(rows.ring.end - rows.ring.first).toBe(3);
});

test('what cannot be fetched is told, and asked again later', async () => {
  let isThere = false;
  const problem = { status: 502, code: 'agent', message: 'the agent is silent' };
  const { loader } = setUp(() =>
    isThere ? pageOf([makeEvent('c4')], false) : { ok: false, problem },
  );
  await loader.earlier();
  expect(loader.state.value).toMatchObject({ problem: problem.message, hasEarlier: true });
  isThere = true;
  await loader.earlier();
  expect(loader.state.value.problem).toBeUndefined();
});

test('a view that is full says so instead of asking', async () => {
  const { loader, rows, asked } = setUp(() => pageOf([], false));
  const many = Array.from({ length: 10_000 }, (_, at) => makeLine(100 + at));
  rows.append(0, many, 0, false);
  await loader.earlier();
  expect(asked).toStrictEqual([]);
  expect(loader.state.value.problem).toMatch(/full/u);
});

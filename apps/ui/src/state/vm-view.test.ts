import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeSampleBuffer, ORIGIN_GUEST, type SampleRow } from '../charts/samples.ts';
import type { ApiProblem, ApiResult } from './api.ts';
import { COLUMNS } from './vm-columns.ts';
import type { HistoryQuestion, StoredSteps } from './vm-history.ts';
import type { VmLive } from './vm-live.ts';
import { makeVmView } from './vm-view.ts';

const AWAY: ApiProblem = { status: 503, code: 'database_unavailable', message: 'away' };
const HOUR = { kind: 'last', name: '1h', ms: 3_600_000 } as const;

const row = (time: number): SampleRow => ({
  time,
  origin: ORIGIN_GUEST,
  values: COLUMNS.map(() => 1),
});

const setUp = () => {
  const samples = makeSampleBuffer(COLUMNS, 900, 1000);
  let now = 10_000_000;
  let isHidden = false;
  const tick = signal(0);
  const filled = vi.fn<() => void>();
  const live: VmLive = {
    status: signal({ kind: 'live' }),
    reading: signal(undefined),
    problem: signal(undefined),
    tick,
    samples,
    moments: [],
    onReading: () => () => undefined,
    managerNow: () => now,
    receivedAt: () => now,
    fillIn: filled,
    follow: () => () => undefined,
  };
  const asked: HistoryQuestion[] = [];
  const answers: ((result: ApiResult<StoredSteps>) => void)[] = [];
  const view = makeVmView({
    live,
    isHidden: () => isHidden,
    history: async (question) => {
      asked.push(question);
      return new Promise((resolve) => {
        answers.push(resolve);
      });
    },
  });
  return {
    view,
    asked,
    filled,
    /** One second later, with a reading. */
    read: () => {
      now += 1000;
      samples.push(row(now));
      tick.value += 1;
    },
    wait: (ms: number) => {
      now += ms;
    },
    hide: () => {
      isHidden = true;
    },
    answer: async (index: number, result: ApiResult<StoredSteps>) => {
      answers[index]?.(result);
      await vi.advanceTimersByTimeAsync(0);
    },
  };
};

const stored = (...times: readonly number[]): ApiResult<StoredSteps> => ({
  ok: true,
  value: { rows: times.map(row), stepMs: 10_000, start: 0 },
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('live, the newest five minutes move with each reading and nothing is asked', () => {
  const { view, asked, read } = setUp();
  const end = view.start();
  read();
  const { to } = view.span();
  read();
  expect(view.span()).toStrictEqual({ from: to + 1000 - 300_000, to: to + 1000 });
  expect(view.samples().length).toBe(2);
  expect(asked).toHaveLength(0);
  end();
});

test('on a range of means the newest values are those of the last reading, until none comes', async () => {
  const { view, read, wait, answer } = setUp();
  read();
  expect(view.newest()).toBeUndefined();
  view.setRange(HOUR);
  await answer(0, stored(9_000_000, 9_010_000));
  expect(view.newest()?.('load1')).toBe(1);
  wait(60_000);
  expect(view.newest()).toBeUndefined();
});

test('without readings time goes on, so that the gap is seen', () => {
  const { view, read, wait } = setUp();
  read();
  const { to } = view.span();
  wait(2_000);
  expect(view.span().to).toBe(to);
  wait(2_000);
  expect(view.span().to).toBe(to + 4_000);
});

test('the answer to a range that is no longer wanted is not shown', async () => {
  const { view, asked, answer } = setUp();
  view.setRange(HOUR);
  view.setRange({ kind: 'fixed', from: 1_000_000, to: 2_000_000 });
  expect(asked.map(({ signal: aborted }) => aborted?.aborted)).toStrictEqual([true, false]);
  await answer(1, stored(1_500_000));
  await answer(0, stored(5_000_000, 5_010_000));
  expect([...view.samples().times]).toStrictEqual([1_500_000]);
  expect(view.isLoading.value).toBe(false);
});

test('while a range is loading, and when that fails, what was there stays', async () => {
  const { view, read, answer, asked } = setUp();
  read();
  view.setRange(HOUR);
  expect(view.samples().length).toBe(1);
  await answer(0, { ok: false, problem: AWAY });
  expect(view.problem.value).toStrictEqual(AWAY);
  expect(view.samples().length).toBe(1);
  view.retry();
  expect(asked).toHaveLength(2);
  await answer(1, stored(9_999_000));
  expect(view.problem.value).toBeUndefined();
});

test('a range that runs is asked again now and then, unless nobody looks', async () => {
  const { view, asked, answer, wait, hide } = setUp();
  view.setRange(HOUR);
  await answer(0, stored(9_999_000));
  view.moveOn();
  expect(asked).toHaveLength(1);
  wait(10_000);
  view.moveOn();
  expect(asked).toHaveLength(2);
  await answer(1, stored(9_999_000));
  hide();
  wait(60_000);
  view.moveOn();
  expect(asked).toHaveLength(2);
});

test('a range that has ended is asked once', async () => {
  const { view, asked, answer, wait } = setUp();
  view.setRange({ kind: 'fixed', from: 1_000_000, to: 2_000_000 });
  await answer(0, stored(1_500_000));
  wait(600_000);
  view.moveOn();
  expect(asked).toHaveLength(1);
});

test('what is paused stays as it is, until it goes on', () => {
  const { view, read } = setUp();
  const end = view.start();
  read();
  view.setPaused(true);
  const before = view.span();
  read();
  expect(view.span()).toStrictEqual(before);
  expect(view.samples().length).toBe(1);
  view.setPaused(false);
  expect(view.samples().length).toBe(2);
  end();
});

test('live, trying again fills in what is missing', () => {
  const { view, filled } = setUp();
  view.retry();
  expect(filled).toHaveBeenCalledOnce();
});

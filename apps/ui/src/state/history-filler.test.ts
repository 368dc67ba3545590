import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeSampleBuffer, ORIGIN_GUEST, type SampleRow } from '../charts/samples.ts';
import type { ApiProblem } from './api.ts';
import { makeFiller } from './history-filler.ts';
import type { HistoryQuestion, VmHistory } from './vm-history.ts';

const NOW = 1_000_000;
const AWAY: ApiProblem = { status: 503, code: 'database_unavailable', message: 'away' };

const row = (time: number): SampleRow => ({ time, origin: ORIGIN_GUEST, values: [time] });
const rows = (from: number, to: number): SampleRow[] =>
  Array.from({ length: (to - from) / 1000 + 1 }, (_, index) => row(from + index * 1000));

const make = (answer: (question: HistoryQuestion) => Awaited<ReturnType<VmHistory>>) => {
  const samples = makeSampleBuffer(['a'], 900, 1000);
  const asked: HistoryQuestion[] = [];
  const problems: (ApiProblem | undefined)[] = [];
  const filler = makeFiller({
    samples,
    managerNow: () => NOW,
    onFilled: (problem) => problems.push(problem),
    history: async (question) => {
      asked.push(question);
      return answer(question);
    },
  });
  return { samples, filler, asked, problems };
};

const stored = (list: readonly SampleRow[]) => ({
  ok: true as const,
  value: { rows: list, stepMs: 1000, start: 0 },
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('on opening, the live minutes come from what was stored', async () => {
  const { samples, filler, asked } = make(({ from, to }) => stored(rows(from, to)));
  filler.fillIn();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toMatchObject([{ from: NOW - 300_000, to: NOW }]);
  expect(samples.length).toBe(301);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(1);
});

test('after a break only the break is asked for, and no moment is there twice', async () => {
  const { samples, filler, asked } = make(() => stored(rows(NOW - 100_000, NOW - 50_000)));
  for (const one of rows(NOW - 300_000, NOW - 90_000)) samples.push(one);
  for (const one of rows(NOW - 60_000, NOW)) samples.push(one);
  filler.fillIn();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toMatchObject([{ from: NOW - 89_500, to: NOW - 60_500 }]);
  expect([...samples.view().times]).toStrictEqual(rows(NOW - 300_000, NOW).map(({ time }) => time));
});

test('what is not stored yet is asked for again, a few times', async () => {
  const { filler, asked } = make(() => stored([]));
  filler.fillIn();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(4);
});

test('a database that is away is told, and forgotten when it is back', async () => {
  let isAway = true;
  const { filler, problems } = make(() => (isAway ? { ok: false, problem: AWAY } : stored([])));
  filler.fillIn();
  await vi.advanceTimersByTimeAsync(0);
  isAway = false;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(problems).toStrictEqual([AWAY, undefined]);
});

test('after it has stopped it neither asks nor fills', async () => {
  const { filler, asked, samples } = make(({ from, to }) => stored(rows(from, to)));
  filler.fillIn();
  filler.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(0);
  expect(samples.length).toBe(0);
});

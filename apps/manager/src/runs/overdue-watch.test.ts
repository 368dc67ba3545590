import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askAt, makeOverdueWatch } from './overdue-watch.ts';
import type { ExecutionRecord } from './run-record.ts';
import { makeExecution } from './testing/records.ts';

const STARTED = 1_000_000;
const ASKED = { askAfterSeconds: 60 };
const running = { state: 'running', startedAt: STARTED } as const;

const CASES: readonly (readonly [string, Partial<ExecutionRecord>, number | undefined])[] = [
  ['one that runs: when its time is over', running, STARTED + 60_000],
  ['one that was given more time: after that', { ...running, extendedUntil: 7 }, 7],
  ['one that was left alone: never', { ...running, leftAt: 5 }, undefined],
  ['one that is being stopped: never', { ...running, stopRequestedAt: 5 }, undefined],
  ['one that has not begun: not yet', { state: 'queued' }, undefined],
  ['one that has ended: never', { ...running, state: 'exited' }, undefined],
];
test.each(CASES)('people are asked about %s', (_name, fields, expected) => {
  expect(askAt(ASKED, makeExecution(1, fields))).toBe(expected);
});

test('people are asked about nothing where agents end commands at their timeout', () => {
  expect(askAt({ askAfterSeconds: undefined }, makeExecution(1, running))).toBeUndefined();
});

beforeEach(() => {
  vi.useFakeTimers({ now: STARTED });
});
afterEach(() => {
  vi.useRealTimers();
});

const watchOne = (fields: Partial<ExecutionRecord> = {}, askAfterSeconds = 60) => {
  const told: (number | undefined)[] = [];
  const record = makeExecution(1, { ...running, ...fields });
  const watch = makeOverdueWatch({
    run: { askAfterSeconds },
    now: () => Date.now(),
    onOverdue: ({ overdueSince }) => told.push(overdueSince),
  });
  watch.look(record);
  return { record, watch, told };
};

test('a command is overdue once, from the end of its time on', () => {
  const { watch, record, told } = watchOne();
  vi.advanceTimersByTime(59_999);
  expect(told).toStrictEqual([]);
  vi.advanceTimersByTime(10_000);
  watch.look(record);
  vi.advanceTimersByTime(600_000);
  expect(told).toStrictEqual([STARTED + 60_000]);
});

test('a time that passed while no manager was there counts from its end', () => {
  const { told } = watchOne({ startedAt: STARTED - 3_600_000 });
  vi.advanceTimersByTime(0);
  expect(told).toStrictEqual([STARTED - 3_540_000]);
});

test('what is overdue already is not told again', () => {
  const { told } = watchOne({ startedAt: STARTED - 3_600_000, overdueSince: 5 });
  vi.advanceTimersByTime(600_000);
  expect(told).toStrictEqual([]);
});

test('one that has ended is overdue no more', () => {
  const { watch, record, told } = watchOne({ overdueSince: 5 });
  record.state = 'exited';
  watch.look(record);
  expect(record.overdueSince).toBeUndefined();
  expect(told).toStrictEqual([]);
});

test('a time that is longer than any timer is waited for all the same', () => {
  const days = 30 * 86_400;
  const { told } = watchOne({}, days);
  vi.advanceTimersByTime(days * 1000 - 1);
  expect(told).toStrictEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toStrictEqual([STARTED + days * 1000]);
});

test('after its end nothing is told, and no timer is left', () => {
  const { watch, record, told } = watchOne();
  watch.stop();
  watch.look(record);
  expect(vi.getTimerCount()).toBe(0);
  expect(told).toStrictEqual([]);
});

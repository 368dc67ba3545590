import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeThrottle } from './throttle.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const start = () => {
  const done: number[] = [];
  return { done, throttle: makeThrottle(() => void done.push(Date.now()), 100) };
};

test('the first is done at once, those soon after it once and later', () => {
  const { done, throttle } = start();
  for (let time = 0; time < 250; time += 10) {
    throttle.run();
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(1_000);
  expect(done).toEqual([0, 100, 200, 300]);
  throttle.run();
  expect(done.at(-1)).toBe(1_250);
  throttle.stop();
});

test('what cannot wait is done now and counts as done', () => {
  const { done, throttle } = start();
  throttle.run();
  vi.advanceTimersByTime(50);
  throttle.run();
  throttle.runNow();
  vi.advanceTimersByTime(1_000);
  expect(done).toEqual([0, 50]);
  throttle.stop();
});

test('nothing is done after the end', () => {
  const { done, throttle } = start();
  throttle.run();
  throttle.run();
  throttle.stop();
  vi.advanceTimersByTime(1_000);
  expect(done).toEqual([0]);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeEventWatch, WRITTEN_AFTER_MS } from './event-watch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const makeSetup = () => {
  const refresh = vi.fn<() => Promise<void>>(async () => Promise.resolve());
  return { refresh, watch: makeEventWatch(refresh) };
};

test('a change is asked for at once, and again when it is written down', () => {
  const { refresh, watch } = makeSetup();
  watch.onChange();
  expect(refresh).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(WRITTEN_AFTER_MS);
  expect(refresh).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(60_000);
  expect(refresh).toHaveBeenCalledTimes(2);
});

test('after several changes the last one is waited for', () => {
  const { refresh, watch } = makeSetup();
  watch.onChange();
  vi.advanceTimersByTime(WRITTEN_AFTER_MS - 1_000);
  watch.onChange();
  vi.advanceTimersByTime(WRITTEN_AFTER_MS - 1_000);
  expect(refresh).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1_000);
  expect(refresh).toHaveBeenCalledTimes(3);
});

test('a history that can be read again has events again', () => {
  const { refresh, watch } = makeSetup();
  watch.onHistory(false);
  watch.onHistory(true);
  expect(refresh).not.toHaveBeenCalled();
  watch.onHistory(false);
  expect(refresh).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(WRITTEN_AFTER_MS);
  expect(refresh).toHaveBeenCalledTimes(2);
});

test('after the end nothing is asked', () => {
  const { refresh, watch } = makeSetup();
  watch.onChange();
  watch.stop();
  vi.advanceTimersByTime(60_000);
  expect(refresh).toHaveBeenCalledTimes(1);
});

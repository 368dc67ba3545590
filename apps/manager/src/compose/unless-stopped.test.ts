import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { unlessStopped } from './unless-stopped.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<string>(() => undefined);

test('work that nobody stops comes to what it comes to, and leaves no timer', async () => {
  const { signal } = new AbortController();
  expect(await unlessStopped(Promise.resolve('done'), signal, 1_000)).toBe('done');
  await expect(unlessStopped(Promise.reject(new Error('no')), signal, 1_000)).rejects.toThrow('no');
  expect(vi.getTimerCount()).toBe(0);
});

test('work is given up some time after the signal, and not before', async () => {
  const stop = new AbortController();
  const ended = vi.fn<(value: string | undefined) => void>();
  const outcome = unlessStopped(never, stop.signal, 1_000).then(ended);
  await vi.advanceTimersByTimeAsync(60_000);
  stop.abort();
  await vi.advanceTimersByTimeAsync(999);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await outcome;
  expect(ended).toHaveBeenCalledWith(undefined);
});

test('work that ends after the signal, but in time, counts', async () => {
  const outcome = unlessStopped(
    new Promise<string>((resolve) => {
      setTimeout(resolve, 500, 'done');
    }),
    AbortSignal.abort(),
    1_000,
  );
  await vi.advanceTimersByTimeAsync(500);
  expect(await outcome).toBe('done');
  expect(vi.getTimerCount()).toBe(0);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Log } from '../log.ts';
import { makeReleasers } from './releasers.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const makeRecorded = () => {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      lines.push(`${level}: ${message}: ${String(fields['part'])}`);
    };
  const log: Log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  return { lines, releasers: makeReleasers(log, () => performance.now()) };
};

const takes = async (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

test('what was started last is stopped first, and one after the other', async () => {
  const { releasers } = makeRecorded();
  const order: string[] = [];
  releasers.add('database', () => {
    order.push('database');
  });
  releasers.add('loop', async () => {
    await takes(100);
    order.push('loop');
  });
  const all = releasers.releaseAll(1_000);
  await vi.advanceTimersByTimeAsync(100);
  expect(await all).toBe(true);
  expect(order).toEqual(['loop', 'database']);
});

test('a part that fails keeps no other from being stopped', async () => {
  const { releasers, lines } = makeRecorded();
  const order: string[] = [];
  releasers.add('database', () => {
    order.push('database');
  });
  releasers.add('loop', () => {
    throw new Error('broken');
  });
  expect(await releasers.releaseAll(1_000)).toBe(true);
  expect(order).toEqual(['database']);
  expect(lines).toEqual(['error: a part could not be stopped: loop']);
});

test('parts that hang leave the last write the time that it needs', async () => {
  const { releasers, lines } = makeRecorded();
  let isWritten = false;
  let isClosedBefore = false;
  releasers.add('connections', () => {
    isClosedBefore = !isWritten;
  });
  releasers.add('store', async () => {
    await takes(3_000);
    isWritten = true;
  });
  releasers.add('HTTP server', async () => takes(60_000), 2_000);
  releasers.add('local agent', async () => takes(60_000), 2_000);
  const all = releasers.releaseAll(9_500);
  await vi.advanceTimersByTimeAsync(9_500);
  expect(await all).toBe(false);
  expect({ isWritten, isClosedBefore }).toEqual({ isWritten: true, isClosedBefore: false });
  expect(lines).toEqual([
    'warn: a part does not stop in time: local agent',
    'warn: a part does not stop in time: HTTP server',
  ]);
  await vi.advanceTimersByTimeAsync(60_000);
});

test('all of it ends in time, though the last ones are told to stop and not waited for', async () => {
  const { releasers } = makeRecorded();
  let isTold = false;
  releasers.add('Postgres', async () => {
    isTold = true;
    await takes(60_000);
  });
  releasers.add('store', async () => takes(60_000));
  const all = releasers.releaseAll(9_500);
  await vi.advanceTimersByTimeAsync(9_501);
  expect(await all).toBe(false);
  expect(isTold).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
});

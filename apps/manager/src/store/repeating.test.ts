import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeRepeating } from './repeating.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const makeCounted = (workMs: number, delayMs: () => number) => {
  const counts = { begun: 0, underWay: 0, most: 0 };
  const repeating = makeRepeating(async () => {
    counts.begun++;
    counts.underWay++;
    counts.most = Math.max(counts.most, counts.underWay);
    await new Promise((resolve) => {
      setTimeout(resolve, workMs);
    });
    counts.underWay--;
    return true;
  }, delayMs);
  return { counts, repeating };
};

test('the next run begins when the one before has ended and the delay has passed', async () => {
  const { counts, repeating } = makeCounted(30, () => 10);
  repeating.start();
  await vi.advanceTimersByTimeAsync(9);
  expect(counts.begun).toBe(0);
  await vi.advanceTimersByTimeAsync(1 + 40 * 4);
  expect(counts).toMatchObject({ begun: 5, most: 1 });
  const stopped = repeating.stop();
  await vi.advanceTimersByTimeAsync(1000);
  await stopped;
  expect(counts).toMatchObject({ begun: 5, underWay: 0 });
  expect(vi.getTimerCount()).toBe(0);
});

test('each delay is asked for anew', async () => {
  let delay = 10;
  const { counts, repeating } = makeCounted(0, () => (delay *= 2));
  repeating.start();
  await vi.advanceTimersByTimeAsync(20 + 40 + 80 + 10);
  expect(counts.begun).toBe(3);
  await repeating.stop();
});

test('to run it now waits for what is under way, and shares what comes then', async () => {
  const { counts, repeating } = makeCounted(10, () => 1000);
  const first = repeating.run();
  const [second, third] = [repeating.run(), repeating.run()];
  await vi.advanceTimersByTimeAsync(30);
  await Promise.all([first, second, third]);
  expect(counts).toMatchObject({ begun: 2, most: 1 });
});

test('hurry brings the next run forward, but not before the start', async () => {
  const { counts, repeating } = makeCounted(0, () => 1000);
  repeating.hurry();
  await vi.advanceTimersByTimeAsync(10);
  expect(counts.begun).toBe(0);
  repeating.start();
  repeating.hurry();
  await vi.advanceTimersByTimeAsync(10);
  expect(counts.begun).toBe(1);
  await repeating.stop();
});

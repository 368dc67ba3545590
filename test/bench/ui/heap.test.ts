import { expect, test } from 'vitest';
import { growthPerHour } from './heap.ts';

const makeMoment = (atMs: number, usedBytes: number) => ({
  atMs,
  heap: { usedBytes, arrayBytes: 500 },
});

test('the growth of a heap is told per hour', () => {
  const moments = [0, 60_000, 90_000].map((atMs) => makeMoment(atMs, 1_000 + atMs / 60));
  expect(growthPerHour(moments)).toBeCloseTo(60_000, 6);
});

test('a heap that stays as it is, or was read once, does not grow', () => {
  expect(growthPerHour([makeMoment(0, 9), makeMoment(10, 9)])).toBe(0);
  expect(growthPerHour([makeMoment(5, 9)])).toBe(0);
});

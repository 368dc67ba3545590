import { expect, test } from 'vitest';
import { makeEventRate } from './event-rate.ts';

test('a rate lets a burst through, then so many a second, and saves up no more than a burst', () => {
  const rate = makeEventRate(3, 2);
  const takeAll = (at: number): number => {
    let taken = 0;
    while (rate.take(at)) taken += 1;
    return taken;
  };
  expect(takeAll(0)).toBe(3);
  expect(takeAll(400)).toBe(0);
  expect(takeAll(500)).toBe(1);
  expect(takeAll(1_500)).toBe(2);
  expect(takeAll(1_000_000)).toBe(3);
  // A clock that goes back gives nothing and takes nothing.
  expect(takeAll(0)).toBe(0);
});

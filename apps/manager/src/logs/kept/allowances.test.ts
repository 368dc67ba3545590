import { expect, test } from 'vitest';
import { makeFakeClock } from '../../../../../test/support/store-reading.ts';
import { makeAllowances } from './allowances.ts';

const ROOM = 64 * 1024 * 1024;
const LINE = 1024;
const DAY_MS = 24 * 3_600_000;

/** How many lines of 1 KiB it lets through before it refuses one. */
const drain = (
  allowances: ReturnType<typeof makeAllowances>,
  vmKey: number,
  keptFor: 'level' | 'last_words' = 'level',
): number => {
  let lines = 0;
  while (allowances.take(vmKey, LINE, keptFor) === 'allowed') lines += 1;
  return lines;
};

test('a VM has a sixty-fourth of the room at once, and an eighth over the day', () => {
  const clock = makeFakeClock(0);
  const allowances = makeAllowances(ROOM, clock);
  expect(drain(allowances, 1)).toBe(1_024);
  expect(allowances.take(1, LINE, 'level')).toBe('rate');
  expect(allowances.take(2, LINE, 'level')).toBe('allowed');
  let lines = 0;
  for (let hour = 0; hour < 24; hour += 1) {
    clock.advance(DAY_MS / 24);
    lines += drain(allowances, 1);
  }
  expect(lines).toBeGreaterThan(8 * 1_024 - 30);
  expect(lines).toBeLessThanOrEqual(8 * 1_024);
});

test('last words have a quarter as much, whatever was taken before', () => {
  const clock = makeFakeClock(0);
  const allowances = makeAllowances(ROOM, clock);
  drain(allowances, 1);
  expect(drain(allowances, 1, 'last_words')).toBe(256);
  clock.advance(DAY_MS);
  expect(drain(allowances, 1)).toBe(1_024);
  expect(drain(allowances, 1, 'last_words')).toBe(256);
});

test('where the newest partition takes half of the room, the rest is shared out evenly', () => {
  const clock = makeFakeClock(0);
  const allowances = makeAllowances(ROOM, clock);
  allowances.observe(ROOM / 2 - 1, 64);
  expect(drain(allowances, 1)).toBe(1_024);
  clock.advance(DAY_MS);
  allowances.observe(ROOM / 2, 64);
  allowances.observe(ROOM / 2, 64);
  expect(drain(allowances, 1)).toBe(512);
  expect(allowances.take(1, LINE, 'level')).toBe('room');
  expect(drain(allowances, 2)).toBe(512);
  // The next partition begins.
  allowances.observe(0, 64);
  expect(allowances.take(1, LINE, 'level')).toBe('allowed');
});

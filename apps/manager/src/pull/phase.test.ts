import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { slotOf, slotsOf } from './phase.ts';

const SLOTS = 20;
const TARGETS = 4000;

const fullest = (ids: readonly string[]): number => {
  const counts = Array.from({ length: SLOTS }, () => 0);
  for (const id of ids) {
    const slot = slotOf(id, SLOTS);
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  return Math.max(...counts);
};

describe('targets are spread evenly over the interval', () => {
  // 200 in each on average; thrown by chance, more than 280 in one happens less than once in 10^6.
  test('with random ids', () => {
    fc.assert(
      fc.property(fc.array(fc.uuid(), { minLength: TARGETS, maxLength: TARGETS }), (ids) => {
        fc.pre(new Set(ids).size === TARGETS);
        expect(fullest(ids)).toBeLessThan(280);
      }),
      // What it finds worst is never random; a fixed set is.
      { numRuns: 5, seed: 1, endOnFailure: true },
    );
  });

  test('with ids that count up', () => {
    const ids = Array.from({ length: TARGETS }, (_, index) => {
      const digits = index.toString(16).padStart(12, '0');
      return `018f3a52-0c39-7d6e-b2c4-${digits}`;
    });
    expect(fullest(ids)).toBeLessThan(280);
  });
});

test('a target keeps its slot, which is one of those that there are', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 10_000 }), (id, slots) => {
      const slot = slotOf(id, slots);
      expect(slot).toBe(slotOf(id, slots));
      expect(Number.isInteger(slot) && slot >= 0 && slot < slots).toBe(true);
    }),
  );
});

test('slots fill the interval', () => {
  expect(slotsOf(1000)).toEqual({ count: 10, ms: 100 });
  expect(slotsOf(5000)).toEqual({ count: 50, ms: 100 });
  expect(slotsOf(20)).toEqual({ count: 1, ms: 20 });
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 600_000 }), (intervalMs) => {
      const { count, ms } = slotsOf(intervalMs);
      expect(count * ms).toBeCloseTo(intervalMs);
    }),
  );
});

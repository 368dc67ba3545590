import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterRate, gauge, MAX_COUNT, percentOf } from './counter-rate.ts';

describe('counterRate', () => {
  it.each([
    [100, 300, 2, 100],
    [0, 0, 1, 0],
    // Beyond 2^53 a double still tells megabytes apart.
    [2 ** 60, 2 ** 60 + 2 ** 20, 1, 2 ** 20],
    [0, MAX_COUNT, 1, MAX_COUNT],
    [300, 100, 1, 'counter_reset'],
    // A counter of 32 bits that wrapped.
    [4_294_967_000, 500, 1, 'counter_reset'],
    [0, 1e308, 1, 'malformed'],
    [1e308, 1e308, 1, 'malformed'],
    [1e308, 5, 1, 'malformed'],
  ])('of %s and %s over %s s is %s', (before, now, seconds, expected) => {
    expect(counterRate(before, now, seconds)).toBe(expected);
  });

  it('is never negative, never endless and never more than what was counted', () => {
    const count = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
    const seconds = fc.double({ min: 0.05, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(count, count, seconds, (before, now, elapsed) => {
        const rate = counterRate(before, now, elapsed);
        if (typeof rate === 'string') return;
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual((now - before) / elapsed);
        expect(Number.isFinite(rate)).toBe(true);
      }),
    );
  });
});

describe('gauge and percentOf', () => {
  it('takes no number that does not fit 64 bits', () => {
    expect([gauge(5), gauge(1e300), gauge(null), gauge(undefined)]).toEqual([5, null, null, null]);
  });

  it.each([
    [1, 4, 25],
    [5, 4, 100],
    [-1, 4, 0],
    [0, 0, null],
    [1, 0, null],
  ])('%s of %s is %s percent', (part, whole, expected) => {
    expect(percentOf(part, whole)).toBe(expected);
  });
});

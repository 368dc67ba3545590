import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { layHistogram, MAX_STEPS, toHistogram } from './histogram.ts';

const HOUR_MS = 3_600_000;

test.each([
  ['an hour', HOUR_MS, 30_000],
  ['a day', 24 * HOUR_MS, 600_000],
  ['a week', 168 * HOUR_MS, HOUR_MS],
  ['a moment', 0, 1_000],
])('%s has steps that people can read', (_what, rangeMs, stepMs) => {
  expect(layHistogram(1_795_000_000_000, 1_795_000_000_000 + rangeMs).stepMs).toBe(stepMs);
});

test('any range is covered by at most 240 steps', () => {
  const moment = fc.integer({ min: 0, max: 99_999_999_999_999 });
  fc.assert(
    fc.property(moment, moment, (one, other) => {
      const from = Math.min(one, other);
      const to = Math.max(one, other);
      const { origin, stepMs, count } = layHistogram(from, to);
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThanOrEqual(MAX_STEPS);
      expect(origin).toBeLessThanOrEqual(from);
      expect(origin).toBeGreaterThan(from - stepMs);
      expect(origin + count * stepMs).toBeGreaterThan(to);
    }),
  );
});

test('counts stand in their step and level, trace with debug', () => {
  const counts = [
    { step: 0, level: 4, lines: 1 },
    { step: 2, level: 3, lines: 2 },
    { step: 1, level: 2, lines: 3 },
    { step: 1, level: 1, lines: 4 },
    { step: 1, level: 0, lines: 5 },
    { step: 99, level: 0, lines: 5 },
  ];
  expect(toHistogram({ origin: 1_000, stepMs: 10, count: 3 }, counts)).toEqual({
    from: 1_000,
    step_ms: 10,
    error: [1, 0, 0],
    warn: [0, 0, 2],
    info: [0, 3, 0],
    debug: [0, 9, 0],
  });
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Retention } from '../store/tiers.ts';
import { chooseSteps } from './choose-tier.ts';
import { planParts } from './plan-parts.ts';
import { phaseOf } from './sample-phase.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 20, 12, 34, 56, 789);
const KEEP: Retention = {
  raw: 6 * HOUR,
  '10s': DAY,
  '1m': 7 * DAY,
  '15m': 90 * DAY,
  '1h': 400 * DAY,
};
const settings = { intervalMs: SECOND, keepMs: KEEP, now: NOW };

test.each([
  // Up to now.
  [5 * MINUTE, 0, 500, 'raw', SECOND],
  [15 * MINUTE, 0, 500, 'raw', 2 * SECOND],
  [HOUR, 0, 500, '10s', 10 * SECOND],
  [HOUR, 0, 2000, 'raw', 2 * SECOND],
  [6 * HOUR, 0, 500, '1m', MINUTE],
  [DAY, 0, 500, '1m', 3 * MINUTE],
  [7 * DAY, 0, 500, '15m', 30 * MINUTE],
  [30 * DAY, 0, 500, '1h', 2 * HOUR],
  [400 * DAY, 0, 500, '1h', 20 * HOUR],
  [HOUR, 0, 2, '1h', HOUR],
  [HOUR, 0, 1, '1h', 2 * HOUR],
  // Some time ago: finer tiers do not reach back so far.
  [MINUTE, 7 * HOUR, 500, '10s', 10 * SECOND],
  [MINUTE, 2 * DAY, 500, '1m', MINUTE],
  [MINUTE, 8 * DAY, 500, '15m', 15 * MINUTE],
  [HOUR, 100 * DAY, 500, '1h', HOUR],
  [DAY, 900 * DAY, 500, '1h', HOUR],
] as const)(
  '%d ms, %d ms ago, in %d points: %s in steps of %d ms',
  (length, ago, points, tier, stepMs) => {
    const to = NOW - ago;
    const range = { from: to - length, to, points };
    expect(chooseSteps(range, settings)).toMatchObject({ tier, stepMs });
  },
);

test('where VMs are asked seldom, each step still holds a sample', () => {
  const range = { from: NOW - HOUR, to: NOW, points: 500 };
  expect(chooseSteps(range, { ...settings, intervalMs: 15 * SECOND })).toMatchObject({
    tier: '10s',
    stepMs: 30 * SECOND,
  });
});

test('steps are aligned, cover the range, and are never more than asked for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 500 * DAY }),
      fc.integer({ min: 1, max: 500 * DAY }),
      fc.integer({ min: 1, max: 2000 }),
      (ago, length, points) => {
        const to = NOW - ago;
        const from = to - length;
        const { start, stepMs, count } = chooseSteps({ from, to, points }, settings);
        expect(count).toBeGreaterThan(0);
        expect(count).toBeLessThanOrEqual(points);
        expect(start).toBeLessThanOrEqual(from);
        expect(start + count * stepMs).toBeGreaterThanOrEqual(to);
        expect(start + (count - 1) * stepMs).toBeLessThan(to);
        if (points > 1) expect(start % stepMs).toBe(0);
      },
    ),
  );
});

test('a tier is read as far as it has come, and then the finer ones', () => {
  const done = new Map([
    ['1h', 1000],
    ['15m', 2000],
    ['1m', 2000],
    ['10s', 3000],
  ] as const);
  expect(planParts('1h', 0, 4000, done)).toEqual([
    { tier: '1h', from: 0, until: 1000 },
    { tier: '15m', from: 1000, until: 2000 },
    { tier: '10s', from: 2000, until: 3000 },
    { tier: 'raw', from: 3000, until: 4000 },
  ]);
  expect(planParts('1m', 500, 1500, done)).toEqual([{ tier: '1m', from: 500, until: 1500 }]);
  expect(planParts('raw', 0, 4000, done)).toEqual([{ tier: 'raw', from: 0, until: 4000 }]);
  expect(planParts('1h', 0, 10, new Map())).toEqual([{ tier: 'raw', from: 0, until: 10 }]);
});

test.each([
  [[], undefined],
  [[1_700_000_000_250, 1_700_000_001_252, 1_700_000_002_248], 250],
  [[990, 1_010], 0],
  [[1_999, 2_997], 998],
])('the phase of %j is %s', (moments, phase) => {
  expect(phaseOf(moments, 1000)).toBe(phase);
});

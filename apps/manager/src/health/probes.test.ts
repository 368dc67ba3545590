import { describe, expect, test } from 'vitest';
import { databaseProbe, keptLogsProbe, pullProbe, startProbe, storeProbe } from './probes.ts';

describe('the pull loop', () => {
  test.each([
    ['just now', 1_000, 100_000, 100_000, true],
    ['5 s ago at the 1 s interval', 1_000, 95_000, 100_000, true],
    ['longer ago', 1_000, 94_999, 100_000, false],
    ['three intervals ago', 10_000, 70_000, 100_000, true],
    ['longer ago than that', 10_000, 69_999, 100_000, false],
    ['never, just started', 1_000, undefined, 4_000, true],
    ['never, long started', 1_000, undefined, 6_000, false],
  ])('that ticked %s', (_when, intervalMs, tickedAt, nowMs, ok) => {
    const probe = pullProbe({
      intervalMs,
      tickedMonotonicMs: () => tickedAt,
      startedMonotonicMs: 0,
      monotonicMs: () => nowMs,
    });
    expect(probe().ok).toBe(ok);
  });
});

describe('the database', () => {
  test('may be away for a while', () => {
    let since: number | undefined;
    const probe = databaseProbe({
      downSinceMonotonicMs: () => since,
      monotonicMs: () => 20_000,
      graceMs: 10_000,
    });
    expect(probe()).toStrictEqual({ ok: true, message: 'answers' });
    since = 10_000;
    expect(probe().ok).toBe(true);
    since = 9_999;
    expect(probe()).toStrictEqual({ ok: false, message: 'does not answer for 10 s' });
  });
});

describe('the store', () => {
  test('is fine while nothing waits for long', () => {
    let lag: number | undefined;
    const probe = storeProbe({ lagMs: () => lag, graceMs: 1_000 });
    expect(probe().ok).toBe(true);
    lag = 1_000;
    expect(probe().ok).toBe(true);
    lag = 1_001;
    expect(probe().ok).toBe(false);
  });
});

test('the start is fine once it is complete', () => {
  expect(startProbe(() => false)().ok).toBe(false);
  expect(startProbe(() => true)().ok).toBe(true);
});

test('kept logs tell what is wrong with them, and are missed by nobody', () => {
  const isOptional = true;
  expect(keptLogsProbe(() => undefined)()).toEqual({
    ok: true,
    message: 'switched off',
    isOptional,
  });
  expect(keptLogsProbe(() => ({ problem: undefined, dropped: 3 }))()).toEqual({
    ok: true,
    message: 'are written; 3 lines dropped since the start',
    isOptional,
  });
  expect(keptLogsProbe(() => ({ problem: 'no room', dropped: 0 }))()).toMatchObject({
    ok: false,
    isOptional,
  });
});

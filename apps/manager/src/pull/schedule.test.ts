import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeSchedule, type Tick } from './schedule.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const start = () => {
  let stalledMs = 0;
  const ticks: Tick[] = [];
  const skipped: { first: number; count: number }[] = [];
  const schedule = makeSchedule({
    intervalMs: 1000,
    monotonicMs: () => performance.now() + stalledMs,
    onTick: (tick) => ticks.push(tick),
    onSkipped: (first, count) => skipped.push({ first, count }),
  });
  schedule.start();
  return {
    schedule,
    ticks,
    skipped,
    /** The clock goes on, and no timer runs. */
    stall: (ms: number): void => {
      stalledMs += ms;
    },
  };
};

const latenessOf = (ticks: readonly Tick[]): number[] =>
  ticks.map(({ nowMs, dueMs }) => Math.round(nowMs - dueMs));

describe('a schedule', () => {
  test('ticks ten times a second, for ever at the same places', async () => {
    const { ticks, skipped, schedule } = start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ticks).toHaveLength(600);
    expect(ticks.map(({ number }) => number)).toEqual(ticks.map((_, index) => index));
    expect(Math.max(...latenessOf(ticks))).toBe(0);
    expect(skipped).toEqual([]);
    schedule.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not drift when every tick takes its time', async () => {
    const { ticks, schedule, stall } = start();
    for (let second = 0; second < 30; second += 1) {
      await vi.advanceTimersByTimeAsync(985);
      stall(15);
    }
    schedule.stop();
    expect(ticks.length).toBeGreaterThanOrEqual(295);
    expect(ticks.length).toBeLessThanOrEqual(300);
  });

  test('catches up after a short delay, one slot at a time', async () => {
    const { ticks, skipped, schedule, stall } = start();
    await vi.advanceTimersByTimeAsync(500);
    const before = ticks.length;
    stall(300);
    await vi.advanceTimersByTimeAsync(60);
    expect(ticks.length - before).toBeLessThanOrEqual(3);
    await vi.advanceTimersByTimeAsync(1000);
    schedule.stop();
    expect(skipped).toEqual([]);
    expect(ticks.map(({ number }) => number)).toEqual(ticks.map((_, index) => index));
    expect(latenessOf(ticks.slice(-5))).toEqual([0, 0, 0, 0, 0]);
  });

  test('skips and counts what a long stall has made too late, and goes on at its places', async () => {
    const { ticks, skipped, schedule, stall } = start();
    await vi.advanceTimersByTimeAsync(500);
    const before = ticks.length;
    stall(3_600_000);
    await vi.advanceTimersByTimeAsync(1000);
    schedule.stop();
    const total = skipped.reduce((sum, { count }) => sum + count, 0);
    expect(total).toBeGreaterThanOrEqual(35_990);
    expect(skipped).toEqual([{ first: before, count: total }]);
    expect(ticks.length - before).toBeLessThanOrEqual(11);
    expect(ticks[before]?.number).toBe(before + total);
    expect(latenessOf(ticks.slice(-5))).toEqual([0, 0, 0, 0, 0]);
  });

  test('that is stopped in a tick does not tick again', async () => {
    let ticks = 0;
    const schedule = makeSchedule({
      intervalMs: 1000,
      monotonicMs: () => performance.now(),
      onTick: () => {
        ticks += 1;
        schedule.stop();
      },
      onSkipped: () => {},
    });
    schedule.start();
    await vi.advanceTimersByTimeAsync(1000);
    expect(ticks).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeDeadlines, type Timed } from './deadlines.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const make = () => {
  let stalledMs = 0;
  const now = (): number => performance.now() + stalledMs;
  const deadlines = makeDeadlines({ monotonicMs: now });
  const expired: string[] = [];
  const watch = (name: string, ms: number): Timed => {
    const timed: Timed = {
      expiresAt: 0,
      budgetMs: 0,
      place: undefined,
      expire: () => expired.push(name),
    };
    deadlines.watch(timed, now() + ms);
    return timed;
  };
  /** The clock goes on, and no timer runs. */
  const stall = (ms: number): void => {
    stalledMs += ms;
  };
  return { deadlines, watch, expired, stall };
};

describe('a deadline', () => {
  test('expires once, soon after its time, and not before', async () => {
    const { watch, expired } = make();
    watch('a', 100);
    watch('b', 300);
    await vi.advanceTimersByTimeAsync(99);
    expect(expired).toEqual([]);
    await vi.advanceTimersByTimeAsync(30);
    expect(expired).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(expired).toEqual(['a', 'b']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('that is met does not expire', async () => {
    const { deadlines, watch, expired } = make();
    deadlines.unwatch(watch('a', 100));
    await vi.advanceTimersByTimeAsync(1000);
    expect(expired).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('moves on by the time that the manager itself stood still', async () => {
    const { watch, expired, stall } = make();
    watch('a', 500);
    await vi.advanceTimersByTimeAsync(100);
    stall(3_600_000);
    await vi.advanceTimersByTimeAsync(350);
    expect(expired).toEqual([]);
    await vi.advanceTimersByTimeAsync(150);
    expect(expired).toEqual(['a']);
  });

  test('that was set after a stall, before it was noticed, gets nothing more', async () => {
    const { watch, expired, stall } = make();
    watch('a', 500);
    await vi.advanceTimersByTimeAsync(10);
    stall(3_600_000);
    watch('b', 200);
    await vi.advanceTimersByTimeAsync(250);
    expect(expired).toEqual(['b']);
  });

  test('comes at once with stop(), and never again', async () => {
    const { deadlines, watch, expired } = make();
    watch('a', 100);
    deadlines.stop();
    expect(expired).toEqual(['a']);
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(expired).toEqual(['a']);
  });
});

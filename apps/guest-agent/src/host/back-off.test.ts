import { describe, expect, it } from 'vitest';
import { makeFakeClock, START_MS } from '../testing/fake-clock.ts';
import { makeBackOff } from './back-off.ts';

describe('makeBackOff', () => {
  it('waits twice as long after each failure, up to the ceiling, and not at all after success', () => {
    const clock = makeFakeClock();
    const backOff = makeBackOff(clock, { firstMs: 100, ceilingMs: 350 });
    expect(backOff.mayTry()).toBe(true);
    expect(backOff.retryAtMs()).toBeUndefined();
    for (const delay of [100, 200, 350, 350]) {
      backOff.failed();
      expect(backOff.retryAtMs()).toBe(clock.nowMs() + delay);
      clock.advance(delay - 1);
      expect(backOff.mayTry()).toBe(false);
      clock.advance(1);
      expect(backOff.mayTry()).toBe(true);
    }
    backOff.succeeded();
    backOff.failed();
    expect(backOff.retryAtMs()).toBe(clock.nowMs() + 100);
  });

  it('does not wait longer because somebody sets the clock back', () => {
    const clock = makeFakeClock();
    const backOff = makeBackOff(clock, { firstMs: 100, ceilingMs: 100 });
    backOff.failed();
    clock.setWallClock(START_MS - 3_600_000);
    clock.advance(100);
    expect(backOff.mayTry()).toBe(true);
  });
});

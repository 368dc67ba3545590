/** What every platform's clock must do. The waits are real, and as short as they can be. */
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../platform/platform.ts';

export const testClock = (clock: Clock): void => {
  describe('clock', () => {
    it('tells whole unix milliseconds', () => {
      expect(Number.isInteger(clock.nowMs())).toBe(true);
      expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(1000);
    });

    it('has a monotonic time that never goes back, and is finer than a millisecond', () => {
      const readings = Array.from({ length: 10_000 }, () => clock.monotonicMs());
      expect(
        readings.every((reading, index) => index === 0 || reading >= (readings[index - 1] ?? 0)),
      ).toBe(true);
      expect(readings.some((reading) => !Number.isInteger(reading))).toBe(true);
    });

    it('fires once, not before its time, in the order in which timers are due', async () => {
      const started = clock.monotonicMs();
      const fired: string[] = [];
      await new Promise<void>((resolve) => {
        clock.after(40, () => {
          fired.push('later');
          resolve();
        });
        clock.after(10, () => fired.push('sooner'));
      });
      // The kernel's timers may be early by less than the millisecond that they count in.
      expect(clock.monotonicMs() - started).toBeGreaterThanOrEqual(39);
      await wait(30);
      expect(fired).toEqual(['sooner', 'later']);
    });

    it('does not fire what was cancelled, and lets it be cancelled twice', async () => {
      let fired = 0;
      const cancel = clock.after(5, () => {
        fired += 1;
      });
      cancel();
      cancel();
      const cancelAfterwards = await new Promise<() => void>((resolve) => {
        const late = clock.after(20, () => resolve(() => late()));
      });
      cancelAfterwards();
      expect(fired).toBe(0);
    });

    it('knows its zone', () => {
      // Tests run in UTC.
      expect(clock.zone()).toEqual({ name: 'UTC', offsetSeconds: 0 });
      expect(Object.is(clock.zone().offsetSeconds, -0)).toBe(false);
    });
  });
};

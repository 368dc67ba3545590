/** A token bucket: so many at once, then so many a second. */

export interface EventRate {
  /** False: too many. */
  take(monotonicMs: number): boolean;
}

export const makeEventRate = (burst: number, perSecond: number): EventRate => {
  let left = burst;
  let filledAt: number | undefined;
  return {
    take(monotonicMs) {
      const elapsedMs = Math.max(0, monotonicMs - (filledAt ?? monotonicMs));
      filledAt = monotonicMs;
      left = Math.min(burst, left + (elapsedMs / 1_000) * perSecond);
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
};

/**
 * One counter over the time between two readings of it. What cannot be true is a reason, never a
 * number: no negative, no spike after a counter that started anew.
 */

export type RateProblem = 'counter_reset' | 'malformed';

/**
 * Counters have 64 bits. A greater number is an invention, and one that fits no column of the
 * database: a `real` ends at 3.4e38.
 */
export const MAX_COUNT = 2 ** 64;

export const counterRate = (
  before: number,
  now: number,
  elapsedSeconds: number,
): number | RateProblem => {
  if (before > MAX_COUNT || now > MAX_COUNT) return 'malformed';
  // A counter of 32 bits that wrapped looks the same, and is as unknown.
  if (now < before) return 'counter_reset';
  return (now - before) / elapsedSeconds;
};

/** A gauge within the same limit; null where it is unknown or beyond. */
export const gauge = (value: number | null | undefined): number | null =>
  value === null || value === undefined || value > MAX_COUNT ? null : value;

/** 0 to 100, whatever the rounding of counters makes of it; null where the whole is nothing. */
export const percentOf = (part: number, whole: number): number | null =>
  whole > 0 ? Math.min(100, Math.max(0, (part / whole) * 100)) : null;

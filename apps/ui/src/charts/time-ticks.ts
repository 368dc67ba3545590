/** Where the marks of a time axis are: at round moments of the clock on the user's wall. */

export interface TimeTicks {
  readonly stepMs: number;
  readonly times: readonly number[];
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 10, 30, 90, 180, 365].map((count) => count * DAY),
];

/** `offsetMs` says how far the wall's clock is ahead of UTC at a moment. */
export const makeTimeTicks = (
  from: number,
  to: number,
  maxCount: number,
  offsetMs: (time: number) => number,
): TimeTicks => {
  const stepMs = STEPS.find((step) => (to - from) / step <= maxCount) ?? STEPS.at(-1) ?? DAY;
  const times: number[] = [];
  const startOffset = offsetMs(from);
  const first = Math.ceil((from + startOffset) / stepMs) * stepMs;
  for (let wall = first; wall - startOffset <= to + DAY; wall += stepMs) {
    // Twice, since the offset is that of the moment that is looked for.
    const guess = wall - offsetMs(wall - startOffset);
    const time = wall - offsetMs(guess);
    if (time > to) break;
    // The hour that is skipped in spring would be there twice.
    if (time >= from && time > (times.at(-1) ?? Number.NEGATIVE_INFINITY)) times.push(time);
  }
  return { stepMs, times };
};

/** A histogram over a range of time: at most 240 steps of a length that people can read. */
import type { LogHistogram } from '@innkeeper/protocol';
import { levelNumber } from './kept-row.ts';
import type { LogCount } from './sql/count-kept-logs.ts';

export const MAX_STEPS = 240;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const STEPS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
];

export interface Steps {
  readonly origin: number;
  readonly stepMs: number;
  readonly count: number;
}

/** Steps begin at whole multiples of their length, so the first and the last may stand out a little. */
export const layHistogram = (from: number, to: number): Steps => {
  for (const stepMs of STEPS_MS) {
    const origin = Math.floor(from / stepMs) * stepMs;
    const count = Math.floor((to - origin) / stepMs) + 1;
    if (count <= MAX_STEPS) return { origin, stepMs, count };
  }
  const days = Math.max(1, Math.ceil((to - from) / DAY_MS / (MAX_STEPS - 1)));
  const stepMs = days * DAY_MS;
  const origin = Math.floor(from / stepMs) * stepMs;
  return { origin, stepMs, count: Math.floor((to - origin) / stepMs) + 1 };
};

/** Of rows that are all there are. */
export const countRows = (
  { origin, stepMs }: Steps,
  rows: readonly { readonly ts_ms: number; readonly level: number }[],
): LogCount[] =>
  rows.map((row) => ({
    step: Math.floor((row.ts_ms - origin) / stepMs),
    level: row.level,
    lines: 1,
  }));

export const toHistogram = (
  { origin, stepMs, count }: Steps,
  counts: readonly LogCount[],
): LogHistogram => {
  const zeros = (): number[] => Array.from({ length: count }, () => 0);
  const histogram = { error: zeros(), warn: zeros(), info: zeros(), debug: zeros() };
  const rows = new Map([
    [levelNumber('error'), histogram.error],
    [levelNumber('warn'), histogram.warn],
    [levelNumber('info'), histogram.info],
  ]);
  for (const { step, level, lines } of counts) {
    // Trace counts as debug.
    const row = rows.get(level) ?? histogram.debug;
    const before = row[step];
    if (before !== undefined) row[step] = before + lines;
  }
  return { from: origin, step_ms: stepMs, ...histogram };
};

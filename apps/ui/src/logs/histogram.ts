/** How many lines of each level there were in each step of time. */
import type { LogHistogram } from '@innkeeper/protocol';
import { LEVELS, viewLevel, type Row } from './row.ts';

const STEPS_MS = [
  100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000,
] as const;
const DAY_MS = 86_400_000;

/** The finest round step that gives at most so many bars. */
export const stepFor = (spanMs: number, bars: number): number =>
  STEPS_MS.find((step) => spanMs / step <= bars) ?? Math.ceil(spanMs / bars / DAY_MS) * DAY_MS;

/** @param bars how many there is room for */
export const makeHistogram = (
  rows: Iterable<Row>,
  from: number,
  to: number,
  bars: number,
): LogHistogram => {
  // Bars begin at round moments, so that they stand still while time moves on.
  const step = stepFor(Math.max(1, to - from), Math.max(1, bars - 1));
  const start = Math.floor(from / step) * step;
  const length = Math.floor((to - start) / step) + 1;
  const zeros = (): number[] => Array.from({ length }, () => 0);
  const counts = { error: zeros(), warn: zeros(), info: zeros(), debug: zeros() };
  for (const row of rows) {
    if (row.kind === 'note') continue;
    const bar = Math.floor((row.at - start) / step);
    if (bar < 0 || bar >= length) continue;
    const list = counts[viewLevel(row.event.level)];
    list[bar] = (list[bar] ?? 0) + 1;
  }
  return { from: start, step_ms: step, ...counts };
};

export const barCount = (histogram: LogHistogram): number => histogram.info.length;

export const totalOf = (histogram: LogHistogram, bar: number): number => {
  let total = 0;
  for (const level of LEVELS) total += histogram[level][bar] ?? 0;
  return total;
};

/** The bar that has this moment, or the nearest one. */
export const barAt = (histogram: LogHistogram, at: number): number => {
  const bar = Math.floor((at - histogram.from) / histogram.step_ms);
  return Math.max(0, Math.min(barCount(histogram) - 1, bar));
};

const FAR = 10;

/** Where a key leads from a bar; undefined: it is none of those that lead anywhere. */
export const barAfter = (key: string, bar: number, bars: number): number | undefined => {
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: bar - 1,
    ArrowRight: bar + 1,
    PageUp: bar - FAR,
    PageDown: bar + FAR,
    Home: 0,
    End: bars - 1,
  };
  const target = Object.hasOwn(targets, key) ? targets[key] : undefined;
  return target === undefined ? undefined : Math.max(0, Math.min(bars - 1, target));
};

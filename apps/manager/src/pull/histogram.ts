/** Counts of durations by size: enough for quantiles, and always the same few numbers. */
export interface HistogramCounts {
  /** Upper bounds in seconds, ascending. */
  readonly bounds: readonly number[];
  /** How many lie in each, not added up; the last one is of those beyond all bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
}

export interface Histogram {
  add(seconds: number): void;
  read(): HistogramCounts;
}

const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

export const makeHistogram = (): Histogram => {
  const counts = Array.from({ length: BOUNDS.length + 1 }, () => 0);
  let sum = 0;
  let count = 0;
  return {
    add: (seconds) => {
      const found = BOUNDS.findIndex((bound) => seconds <= bound);
      const index = found === -1 ? BOUNDS.length : found;
      counts[index] = (counts[index] ?? 0) + 1;
      sum += seconds;
      count += 1;
    },
    read: () => ({ bounds: BOUNDS, counts: [...counts], sum, count }),
  };
};

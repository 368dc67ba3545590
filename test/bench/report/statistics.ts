/** Figures of several runs in a few numbers. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

const ascending = (values: readonly number[]): number[] => {
  if (values.length === 0) throw new Error('there is no statistic of no values');
  return [...values].sort((left, right) => left - right);
};

export const median = (values: readonly number[]): number => {
  const sorted = ascending(values);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
};

/** Nearest rank: the smallest value that at least `percent` of all do not exceed. Nothing is interpolated. */
export const percentile = (values: readonly number[], percent: number): number => {
  const sorted = ascending(values);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
};

export const spread = (values: readonly number[]): Spread => {
  const sorted = ascending(values);
  return {
    median: median(sorted),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  };
};

/** Run by run: what the machine did to one in that run it did to the other as well. */
export const ratios = (ours: readonly number[], theirs: readonly number[]): number[] => {
  if (ours.length !== theirs.length) throw new Error('ratios need both figures of each run');
  return ours.map((value, run) => value / (theirs[run] ?? Number.NaN));
};

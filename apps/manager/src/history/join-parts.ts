/** Lays the steps of several tiers side by side; one that begins in two of them is put together. */
import type { History, MetricField } from '@innkeeper/protocol';
import type { PartStep } from './sql/get-history-part.ts';

interface Joined {
  n: number;
  nHost: number;
  readonly avg: (number | null)[];
  /** The samples behind each average. */
  readonly weights: number[];
  readonly max: (number | null)[];
}

const addStep = (joined: Joined, step: PartStep): void => {
  joined.n += step.n;
  joined.nHost += step.nHost;
  step.avg.forEach((avg, index) => {
    if (avg === null) return;
    const before = joined.avg[index] ?? null;
    const weight = joined.weights[index] ?? 0;
    const mean = before === null ? avg : (before * weight + avg * step.n) / (weight + step.n);
    // The columns are `real`: more digits than those would be noise of this division.
    joined.avg[index] = before === null ? avg : Number(mean.toPrecision(7));
    joined.weights[index] = weight + step.n;
    const max = step.max[index] ?? null;
    const maxBefore = joined.max[index] ?? null;
    if (max !== null) joined.max[index] = maxBefore === null ? max : Math.max(maxBefore, max);
  });
};

const originOf = (joined: Joined | undefined): 'guest' | 'host' | 'mixed' | null => {
  if (joined === undefined) return null;
  if (joined.nHost === 0) return 'guest';
  return joined.nHost === joined.n ? 'host' : 'mixed';
};

export const joinParts = (
  steps: readonly PartStep[],
  { start, stepMs, count }: { start: number; stepMs: number; count: number },
  fields: readonly MetricField[],
): Pick<History, 't' | 'origins' | 'series'> => {
  const joined: (Joined | undefined)[] = Array.from({ length: count }, () => undefined);
  for (const step of steps) {
    const index = Math.round((step.t - start) / stepMs);
    if (index < 0 || index >= count) continue;
    const into = joined[index] ?? { n: 0, nHost: 0, avg: [], weights: [], max: [] };
    joined[index] = into;
    addStep(into, step);
  }
  return {
    t: joined.map((_, index) => start + index * stepMs),
    origins: joined.map(originOf),
    series: Object.fromEntries(
      fields.map((field, at) => [
        field,
        {
          avg: joined.map((step) => step?.avg[at] ?? null),
          max: joined.map((step) => step?.max[at] ?? null),
        },
      ]),
    ),
  };
};

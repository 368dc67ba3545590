/** What the tiers must hold, computed from the samples in plain loops: slow, and easy to check. */

export const ROLLED = [
  { table: 'roll_10s', stepMs: 10_000 },
  { table: 'roll_1m', stepMs: 60_000 },
  { table: 'roll_15m', stepMs: 900_000 },
  { table: 'roll_1h', stepMs: 3_600_000 },
] as const;

export interface BruteSample {
  readonly vmKey: number;
  readonly ts: number;
  readonly isHost: boolean;
  /** Of two fields; null is unknown. */
  readonly values: readonly [number | null, number | null];
}

export interface BruteStep {
  readonly vmKey: number;
  readonly ts: number;
  n: number;
  nHost: number;
  readonly avg: [number | null, number | null];
  readonly max: [number | null, number | null];
}

interface Weighted {
  readonly value: number | null;
  readonly max: number | null;
  readonly n: number;
}

export const weightedAverage = (parts: readonly Weighted[]): number | null => {
  const known = parts.flatMap(({ value, n }) => (value === null ? [] : [{ value, n }]));
  if (known.length === 0) return null;
  const n = known.reduce((sum, part) => sum + part.n, 0);
  return known.reduce((sum, part) => sum + part.value * part.n, 0) / n;
};

export const largest = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
};

/** From the samples, or the steps of the tier before. */
export const rollUpByHand = (
  source: readonly BruteStep[],
  stepMs: number,
): readonly BruteStep[] => {
  const groups = new Map<string, BruteStep[]>();
  for (const row of source) {
    const key = `${row.vmKey} ${Math.floor(row.ts / stepMs)}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()]
    .map((rows): BruteStep => {
      const average = (at: 0 | 1): number | null =>
        weightedAverage(rows.map(({ avg, max, n }) => ({ value: avg[at], max: max[at], n })));
      return {
        vmKey: rows[0]?.vmKey ?? 0,
        ts: Math.floor((rows[0]?.ts ?? 0) / stepMs) * stepMs,
        n: rows.reduce((sum, row) => sum + row.n, 0),
        nHost: rows.reduce((sum, row) => sum + row.nHost, 0),
        avg: [average(0), average(1)],
        max: [largest(rows.map((row) => row.max[0])), largest(rows.map((row) => row.max[1]))],
      };
    })
    .toSorted((one, other) => one.vmKey - other.vmKey || one.ts - other.ts);
};

export const asSteps = (samples: readonly BruteSample[]): readonly BruteStep[] =>
  samples.map(({ vmKey, ts, isHost, values }) => ({
    vmKey,
    ts,
    n: 1,
    nHost: isHost ? 1 : 0,
    avg: [...values],
    max: [...values],
  }));

/**
 * From which tier a history is read, and into what steps: the coarsest one that still gives at
 * least half of the points that were asked for, and that reaches back far enough.
 */
import type { Tier } from '@innkeeper/protocol';
import { RAW, ROLLED_TIERS, type Retention } from '../store/tiers.ts';

export interface HistoryRange {
  readonly from: number;
  readonly to: number;
  readonly points: number;
}

export interface HistorySteps {
  readonly tier: Tier;
  readonly stepMs: number;
  /** Of the first step; the others follow at `stepMs`. */
  readonly start: number;
  readonly count: number;
  /** Whether a step holds one sample: those of 1.00 s and 1.99 s would both fall into the first. */
  readonly isStepOfOneSample: boolean;
}

interface Candidate {
  readonly tier: Tier;
  readonly stepMs: number;
}

const coarsestFirst = (intervalMs: number): readonly Candidate[] => [
  ...ROLLED_TIERS.toReversed().map(({ name, stepMs }) => ({ tier: name, stepMs })),
  { tier: RAW.name, stepMs: intervalMs },
];

const choose = (
  { from, to, points }: HistoryRange,
  intervalMs: number,
  keepMs: Retention,
  now: number,
): Candidate => {
  const candidates = coarsestFirst(intervalMs);
  const kept = candidates.filter(({ tier }) => from >= now - keepMs[tier]);
  const fine = kept.find(({ stepMs }) => stepMs <= (2 * (to - from)) / points);
  return fine ?? kept.at(-1) ?? candidates[0] ?? { tier: RAW.name, stepMs: intervalMs };
};

/** Steps that begin at multiples of their length, counted from `origin`, and cover the range. */
export const alignSteps = (
  { from, to }: Pick<HistoryRange, 'from' | 'to'>,
  stepMs: number,
  origin: number,
): { readonly start: number; readonly count: number } => {
  const start = Math.floor((from - origin) / stepMs) * stepMs + origin;
  return { start, count: Math.ceil((to - start) / stepMs) };
};

/** `intervalMs`: how often VMs are asked. */
export const chooseSteps = (
  range: HistoryRange,
  { intervalMs, keepMs, now }: { intervalMs: number; keepMs: Retention; now: number },
): HistorySteps => {
  const { from, to, points } = range;
  const { tier, stepMs: unitMs } = choose(range, intervalMs, keepMs, now);
  // A step in which no sample need fall would look like a gap.
  const leastMs = tier === RAW.name ? intervalMs : 2 * intervalMs;
  if (points === 1) {
    const start = Math.floor(from / unitMs) * unitMs;
    const stepMs = Math.ceil(Math.max(leastMs, to - start) / unitMs) * unitMs;
    return { tier, stepMs, start, count: 1, isStepOfOneSample: false };
  }
  // One point less, since steps that are aligned may stick out at both ends.
  const stepMs = Math.ceil(Math.max(leastMs, (to - from) / (points - 1)) / unitMs) * unitMs;
  return {
    tier,
    stepMs,
    ...alignSteps(range, stepMs, 0),
    isStepOfOneSample: tier === RAW.name && stepMs === intervalMs,
  };
};

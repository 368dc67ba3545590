/** What a pull loop knows of itself, for metrics and health. */
import { pullFailureKindSchema, type PullFailureKind } from '@innkeeper/protocol';
import { makeHistogram, type HistogramCounts } from './histogram.ts';
import type { PullResult } from './pull-result.ts';

export type PullOutcome = 'ok' | PullFailureKind;

export interface PullStats {
  readonly targets: number;
  readonly inFlight: number;
  /** Ended pulls by how they ended. */
  readonly pulls: Readonly<Record<string, number>>;
  readonly busyTurns: number;
  readonly backingOffTurns: number;
  /** Turns that were left out because the loop was late. */
  readonly skippedTurns: number;
  /** Pulls, or those who take their results, that threw: bugs. */
  readonly broken: number;
  /** How late pulls began, in seconds. */
  readonly lateness: HistogramCounts;
  /** How long pulls took that went well, in seconds. */
  readonly durations: HistogramCounts;
  /** When the loop last ran, by the monotonic clock; undefined before it started. */
  readonly tickedMonotonicMs: number | undefined;
}

export interface PullCounters {
  inFlight: number;
  busyTurns: number;
  backingOffTurns: number;
  skippedTurns: number;
  broken: number;
  tickedMonotonicMs: number | undefined;
  began(latenessMs: number): void;
  ended(result: PullResult<unknown>): void;
  read(targets: number): PullStats;
}

export const makePullCounters = (): PullCounters => {
  const outcomes: readonly PullOutcome[] = ['ok', ...pullFailureKindSchema.options];
  const pulls = new Map<PullOutcome, number>(outcomes.map((outcome) => [outcome, 0]));
  const lateness = makeHistogram();
  const durations = makeHistogram();
  const counters: PullCounters = {
    inFlight: 0,
    busyTurns: 0,
    backingOffTurns: 0,
    skippedTurns: 0,
    broken: 0,
    tickedMonotonicMs: undefined,
    began: (latenessMs) => lateness.add(Math.max(0, latenessMs) / 1000),
    ended: (result) => {
      const outcome = result.ok ? 'ok' : result.failure.kind;
      pulls.set(outcome, (pulls.get(outcome) ?? 0) + 1);
      if (result.ok) durations.add(result.seconds);
    },
    read: (targets) => ({
      targets,
      inFlight: counters.inFlight,
      pulls: Object.fromEntries(pulls),
      busyTurns: counters.busyTurns,
      backingOffTurns: counters.backingOffTurns,
      skippedTurns: counters.skippedTurns,
      broken: counters.broken,
      lateness: lateness.read(),
      durations: durations.read(),
      tickedMonotonicMs: counters.tickedMonotonicMs,
    }),
  };
  return counters;
};

/**
 * Computes each tier from the one before it, a slice of time after the other. How far a tier has
 * come is written in the transaction of the slice, so that nothing is lost or counted twice when the
 * manager or Postgres ends at any moment. Of several managers, one works at a tier at a time.
 */
import type { Tier } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { Database, Queryable } from '../database/database.ts';
import { ROLL_UP_LOCK } from './advisory-locks.ts';
import type { Partition, Partitions } from './partitions.ts';
import type { Lateness } from './lateness.ts';
import { advanceTier } from './sql/advance-tier.ts';
import { getTiers } from './sql/get-tiers.ts';
import { lockTier } from './sql/lock-tier.ts';
import { lockTiers, rewindTiers } from './sql/rewind-tiers.ts';
import { rollUp } from './sql/roll-up.ts';
import { floorTo, ROLLED_TIERS, type RolledTier } from './tiers.ts';

/** A slice that took longer is halved, one that took less than a quarter of it is doubled. */
const SLICE_TARGET_MS = 400;
const FIRST_SLICE_STEPS = 6;
const MAX_SLICE_STEPS = 720;

/** `more`: there is more to do just now. `busy`: another manager works at this tier. */
export type StepOutcome = 'more' | 'done' | 'busy';

export interface RollUpRound {
  /** By tier; those that the time did not suffice for are missing. */
  readonly outcomes: ReadonlyMap<Tier, StepOutcome>;
  readonly rows: number;
}

export interface RollUp {
  /** One slice of one tier. */
  step(tier: RolledTier): Promise<{ outcome: StepOutcome; rows: number }>;
  /** All tiers, until there is nothing left to do, or for as long as this, or until it is to end. */
  run(maxMs: number, isEnding?: () => boolean): Promise<RollUpRound>;
}

interface Slice {
  readonly doneUntil: number | undefined;
  readonly from: number;
  readonly until: number;
  readonly empty: boolean;
}

/** From the first moment that has a partition; without any, there is nothing to compute. */
const planSlice = (
  doneUntil: number | undefined,
  limit: number,
  lengthMs: number,
  partitions: readonly Partition[],
): Slice | undefined => {
  const from = doneUntil ?? Number.NEGATIVE_INFINITY;
  if (from >= limit) return undefined;
  const next = partitions.find((partition) => partition.untilMs > from);
  const start = Math.min(limit, Math.max(from, next?.fromMs ?? limit));
  if (start > from) return { doneUntil, from: start, until: start, empty: true };
  return { doneUntil, from, until: Math.min(limit, from + lengthMs), empty: false };
};

export const makeRollUp = ({
  database,
  partitions,
  clock,
  lateness,
  oldestUnwritten,
}: {
  readonly database: Database;
  readonly partitions: Pick<Partitions, 'ensure' | 'list'>;
  readonly clock: Clock;
  readonly lateness: Lateness;
  /** The moment of the oldest sample that waits to be written: later steps are not complete. */
  readonly oldestUnwritten: () => number | undefined;
}): RollUp => {
  const sliceSteps = new Map<Tier, number>();

  const limitOf = async (tier: RolledTier, queryable: Queryable): Promise<number> => {
    if (tier.source !== 'raw') {
      const source = (await getTiers(queryable)).get(tier.source);
      return source === undefined ? Number.NEGATIVE_INFINITY : floorTo(source, tier.stepMs);
    }
    const complete = clock.now() - lateness.graceMs;
    return floorTo(Math.min(complete, oldestUnwritten() ?? complete), tier.stepMs);
  };

  /**
   * Done until a moment that a row of now would not be late for: the clock was set back. The rows
   * to come belong to steps that were done.
   */
  const isAhead = (tier: RolledTier, doneUntil: number | undefined): boolean =>
    tier.source === 'raw' && doneUntil !== undefined && doneUntil > clock.now() - lateness.lateMs;

  const adapt = (tier: RolledTier, steps: number, tookMs: number): void => {
    if (tookMs > SLICE_TARGET_MS) sliceSteps.set(tier.name, Math.max(1, Math.floor(steps / 2)));
    else if (tookMs < SLICE_TARGET_MS / 4) {
      sliceSteps.set(tier.name, Math.min(MAX_SLICE_STEPS, steps * 2));
    }
  };

  const step = async (tier: RolledTier): Promise<{ outcome: StepOutcome; rows: number }> => {
    const steps = sliceSteps.get(tier.name) ?? FIRST_SLICE_STEPS;
    const doneBefore = (await getTiers(database)).get(tier.name);
    const limit = await limitOf(tier, database);
    if (isAhead(tier, doneBefore)) {
      await database.transaction(async (transaction) => {
        await lockTiers(transaction);
        await rewindTiers(transaction, limit);
      });
      return { outcome: 'done', rows: 0 };
    }
    const known = await partitions.list(tier.source);
    const slice = planSlice(doneBefore, limit, steps * tier.stepMs, known);
    if (slice === undefined) return { outcome: 'done', rows: 0 };
    // Before the transaction, which would otherwise need a second connection while it has one.
    if (!slice.empty) await partitions.ensure(tier.name, slice.from, slice.until - 1);
    const startedMs = clock.monotonicMs();
    const work = database.transaction(
      async (transaction): Promise<{ outcome: StepOutcome; rows: number }> => {
        const lock = ROLL_UP_LOCK + ROLLED_TIERS.indexOf(tier);
        const locked = await lockTier(transaction, tier.name, lock);
        if (!locked.held) return { outcome: 'busy', rows: 0 };
        // Another manager was faster, or a late row has set the tier back: plan anew.
        if (locked.doneUntil !== slice.doneUntil) return { outcome: 'more', rows: 0 };
        // The source may have been set back since; a late row may have come where there was none.
        if (slice.until > (await limitOf(tier, transaction))) return { outcome: 'more', rows: 0 };
        if (slice.empty) {
          const now = await partitions.list(tier.source, transaction);
          const again = planSlice(slice.doneUntil, slice.until, steps * tier.stepMs, now);
          const isStillEmpty = again?.empty === true && again.until === slice.until;
          if (!isStillEmpty) return { outcome: 'more', rows: 0 };
        }
        const rows = slice.empty ? 0 : await rollUp(transaction, tier, slice.from, slice.until);
        await advanceTier(transaction, tier.name, slice.until);
        return { outcome: slice.until < limit ? 'more' : 'done', rows };
      },
    );
    try {
      const result = await work;
      if (!slice.empty) adapt(tier, steps, clock.monotonicMs() - startedMs);
      return result;
    } catch (error) {
      // It may have run into the timeout of statements: less the next time.
      adapt(tier, steps, Number.POSITIVE_INFINITY);
      throw error;
    }
  };

  const run = async (
    maxMs: number,
    isEnding: () => boolean = () => false,
  ): Promise<RollUpRound> => {
    const deadline = clock.monotonicMs() + maxMs;
    const outcomes = new Map<Tier, StepOutcome>();
    let rows = 0;
    for (const tier of ROLLED_TIERS) {
      if (isEnding()) break;
      do {
        const result = await step(tier);
        outcomes.set(tier.name, result.outcome);
        rows += result.rows;
      } while (outcomes.get(tier.name) === 'more' && clock.monotonicMs() < deadline && !isEnding());
    }
    return { outcomes, rows };
  };

  return { step, run };
};

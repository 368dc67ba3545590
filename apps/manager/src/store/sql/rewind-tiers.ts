/** Lets the roll-up compute again what rows change that come after their step was done. */
import type { Queryable } from '../../database/database.ts';
import { floorTo, ROLLED_TIERS } from '../tiers.ts';
import { ensureTiers } from './ensure-tiers.ts';

const NAMES = ROLLED_TIERS.map((tier) => tier.name);

/**
 * Waits for the step of a roll-up that is under way and keeps the next one from beginning. Without
 * it, a row could be written after the roll-up has looked and before it says how far it came.
 * Always in the same order, so that two managers cannot wait for each other.
 */
export const lockTiers = async (transaction: Queryable): Promise<void> => {
  await ensureTiers(transaction, NAMES);
  await transaction.query({
    name: 'lock_tiers',
    text: 'SELECT name FROM tier ORDER BY name FOR UPDATE',
  });
};

const TEXT = `
  UPDATE tier
  SET done_until = wanted.done_until
  FROM unnest($1::text[], $2::timestamptz[]) AS wanted (name, done_until)
  WHERE tier.name = wanted.name AND tier.done_until > wanted.done_until`;

/** Tiers that are not that far yet stay where they are. Within a transaction, after `lockTiers`. */
export const rewindTiers = async (transaction: Queryable, oldestMs: number): Promise<void> => {
  await transaction.query({
    name: 'rewind_tiers',
    text: TEXT,
    values: [
      NAMES,
      ROLLED_TIERS.map((tier) => new Date(floorTo(oldestMs, tier.stepMs)).toISOString()),
    ],
  });
};

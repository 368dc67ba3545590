/** Says how far a tier has been computed, in the transaction that computes it. */
import type { Tier } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  INSERT INTO tier (name, done_until)
  VALUES ($1::text, $2::timestamptz)
  ON CONFLICT (name) DO UPDATE SET done_until = excluded.done_until`;

export const advanceTier = async (
  transaction: Queryable,
  tier: Tier,
  doneUntil: number,
): Promise<void> => {
  await transaction.query({
    name: 'advance_tier',
    text: TEXT,
    values: [tier, new Date(doneUntil).toISOString()],
  });
};

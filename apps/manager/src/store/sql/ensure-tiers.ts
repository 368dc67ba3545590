/** Gives tiers that were never computed a row to lock. */
import type { Tier } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';

/** What `done_until` is of a tier that was never computed. */
export const NEVER = 'epoch';

const TEXT = `
  INSERT INTO tier (name, done_until)
  SELECT wanted.name, '${NEVER}'::timestamptz
  FROM unnest($1::text[]) AS wanted (name)
  ORDER BY wanted.name
  ON CONFLICT (name) DO NOTHING`;

/**
 * Within a transaction, before its rows are locked. Who finds a row that another transaction is
 * just adding waits for its end, so that the very first roll-up and a late row see each other, too.
 */
export const ensureTiers = async (
  transaction: Queryable,
  tiers: readonly Tier[],
): Promise<void> => {
  await transaction.query({ name: 'ensure_tiers', text: TEXT, values: [tiers] });
};

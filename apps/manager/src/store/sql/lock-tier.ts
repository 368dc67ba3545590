/** Takes hold of a tier for one step of its roll-up. */
import type { Tier } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';
import { LOCK_CLASS } from '../advisory-locks.ts';
import { ensureTiers, NEVER } from './ensure-tiers.ts';

const lockedSchema = z.tuple([z.object({ locked: z.boolean() })]);
const tierSchema = z.tuple([z.object({ done_until_ms: z.number().nullable() })]);

export type LockedTier =
  | { readonly held: false }
  | {
      readonly held: true;
      /** Undefined: this tier has never been computed. */
      readonly doneUntil: number | undefined;
    };

/** Within a transaction. Not held: another manager works at this tier just now. */
export const lockTier = async (
  transaction: Queryable,
  tier: Tier,
  lock: number,
): Promise<LockedTier> => {
  const locked = await transaction.query({
    name: 'try_tier_lock',
    text: 'SELECT pg_try_advisory_xact_lock($1::int4, $2::int4) AS locked',
    values: [LOCK_CLASS, lock],
  });
  if (!lockedSchema.parse(locked.rows)[0].locked) return { held: false };
  await ensureTiers(transaction, [tier]);
  const { rows } = await transaction.query({
    name: 'lock_tier',
    text: `SELECT (extract(epoch FROM nullif(done_until, '${NEVER}')) * 1000)::float8 AS done_until_ms
           FROM tier WHERE name = $1::text FOR UPDATE`,
    values: [tier],
  });
  return { held: true, doneUntil: tierSchema.parse(rows)[0].done_until_ms ?? undefined };
};

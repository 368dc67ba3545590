/**
 * Deletes old failed sign-ins: anybody can add those, so they must not stay for ever. What was
 * changed stays.
 */
import type { Queryable } from '../../database/database.ts';

/** Few enough to hold nobody up; the next time goes on. */
const AT_MOST = 10_000;

const TEXT = `
  DELETE FROM audit
  WHERE id IN (
    SELECT id FROM audit
    WHERE action = 'session.refuse' AND at < to_timestamp($1::float8 / 1000)
    ORDER BY id
    LIMIT $2::int)`;

export const deleteOldRefusals = async (queryable: Queryable, beforeMs: number): Promise<void> => {
  await queryable.query({
    name: 'delete_old_refusals',
    text: TEXT,
    values: [beforeMs, AT_MOST],
  });
};

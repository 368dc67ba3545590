/** Puts these policies in the place of all that there were. In a transaction. */
import type { LogPolicy } from '@innkeeper/protocol';
import type { Queryable } from '../../../database/database.ts';

const INSERT = `
  INSERT INTO log_policy (position, selector, vm_id, keep, last_words)
  SELECT position, selector, vm_id, keep, last_words
  FROM unnest($1::text[], $2::uuid[], $3::text[], $4::boolean[])
    WITH ORDINALITY AS new (selector, vm_id, keep, last_words, position)`;

export const replaceLogPolicies = async (
  transaction: Queryable,
  policies: readonly LogPolicy[],
): Promise<void> => {
  // Two at once would each delete what it sees, and then collide.
  await transaction.query({ text: 'LOCK TABLE log_policy IN SHARE ROW EXCLUSIVE MODE' });
  await transaction.query({ text: 'DELETE FROM log_policy' });
  await transaction.query({
    name: 'insert_log_policies',
    text: INSERT,
    values: [
      policies.map(({ selector }) => selector),
      policies.map(({ vm_id }) => vm_id),
      policies.map(({ keep }) => keep),
      policies.map(({ last_words }) => last_words),
    ],
  });
};

/**
 * Keeps other changes of tokens away until the transaction ends: two that each revoke the
 * second-to-last admin token would leave none, two first starts would make two tokens.
 */
import type { Queryable } from '../../database/database.ts';

export const lockTokens = async (transaction: Queryable): Promise<void> => {
  await transaction.query({
    name: 'lock_tokens',
    text: 'LOCK TABLE token IN SHARE ROW EXCLUSIVE MODE',
  });
};

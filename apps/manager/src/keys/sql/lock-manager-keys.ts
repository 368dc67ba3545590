/** Until the end of the transaction nobody else adds a key; others may still read. */
import type { Queryable } from '../../database/database.ts';

export const lockManagerKeys = async (transaction: Queryable): Promise<void> => {
  await transaction.query({
    name: 'lock_manager_keys',
    text: 'LOCK TABLE manager_key IN SHARE ROW EXCLUSIVE MODE',
  });
};

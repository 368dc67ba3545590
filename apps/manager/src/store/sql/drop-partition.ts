/** Drops a partition. Gives up soon: while it waits for its lock, everybody else waits behind it. */
import type { Database } from '../../database/database.ts';

export const dropPartition = (database: Database, name: string): Promise<void> =>
  database.transaction(async (transaction) => {
    await transaction.query({ text: `SET LOCAL lock_timeout = '2s'` });
    await transaction.query({ text: `DROP TABLE IF EXISTS ${name}` });
  });

/** Ends the statement that another connection of ours runs just now, if there is one. */
import type { Queryable } from '../../../database/database.ts';

export const cancelBackend = async (database: Queryable, pid: number): Promise<void> => {
  await database.query({
    name: 'cancel_backend',
    text: 'SELECT pg_cancel_backend($1::int4)',
    values: [pid],
  });
};

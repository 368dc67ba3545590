/** Deletes sessions. */
import type { Queryable } from '../../database/database.ts';

export const deleteSessions = async (
  queryable: Queryable,
  ids: readonly string[],
): Promise<void> => {
  await queryable.query({
    name: 'delete_sessions',
    text: 'DELETE FROM session WHERE id = ANY ($1::uuid[])',
    values: [ids],
  });
};

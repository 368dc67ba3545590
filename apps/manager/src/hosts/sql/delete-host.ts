/** Removes a host. */
import type { Queryable } from '../../database/database.ts';

export const deleteHost = async (database: Queryable, id: string): Promise<void> => {
  await database.query({
    name: 'delete-host',
    text: 'DELETE FROM host WHERE id = $1::uuid',
    values: [id],
  });
};

/** Removes a VM, and with it its address; true: it was there. */
import type { Queryable } from '../../database/database.ts';

export const deleteVm = async (database: Queryable, id: string): Promise<boolean> => {
  const { rowCount } = await database.query({
    name: 'delete-vm',
    text: 'DELETE FROM vm WHERE id = $1::uuid',
    values: [id],
  });
  return rowCount > 0;
};

/** Deletes a saved command. Its runs stay. */
import type { Queryable } from '../../database/database.ts';

export const deleteCommand = async (queryable: Queryable, id: string): Promise<boolean> => {
  const { rowCount } = await queryable.query({
    name: 'delete_command',
    text: 'DELETE FROM command WHERE id = $1::uuid',
    values: [id],
  });
  return rowCount > 0;
};

/** Deletes a token, and its sessions with it. */
import type { Queryable } from '../../database/database.ts';

export const deleteToken = async (queryable: Queryable, id: string): Promise<boolean> => {
  const { rowCount } = await queryable.query({
    name: 'delete_token',
    text: 'DELETE FROM token WHERE id = $1::uuid',
    values: [id],
  });
  return rowCount === 1;
};

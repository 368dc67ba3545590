/** Deletes a script for provisioning. */
import type { Queryable } from '../../database/database.ts';

const TEXT = 'DELETE FROM provisioning_script WHERE id = $1::uuid';

export const deleteScript = async (queryable: Queryable, id: string): Promise<void> => {
  await queryable.query({ name: 'delete_provisioning_script', text: TEXT, values: [id] });
};

/** Deletes the rounds of a VM but for the newest. */
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  DELETE FROM provisioning_round
  WHERE vm_id = $1::uuid AND state <> 'running' AND key <= (
    SELECT key FROM provisioning_round WHERE vm_id = $1::uuid
    ORDER BY key DESC OFFSET $2::int LIMIT 1)`;

export const deleteOldRounds = async (
  queryable: Queryable,
  vmId: string,
  keep: number,
): Promise<void> => {
  await queryable.query({
    name: 'delete_old_provisioning_rounds',
    text: TEXT,
    values: [vmId, keep],
  });
};

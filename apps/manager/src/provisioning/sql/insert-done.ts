/** Notes that a script for the first boot need not run on a VM any more. */
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  INSERT INTO provisioning_done (vm_id, script_key)
  VALUES ($1::uuid, $2::text)
  ON CONFLICT DO NOTHING`;

export const insertDone = async (
  queryable: Queryable,
  vmId: string,
  scriptKey: string,
): Promise<void> => {
  await queryable.query({
    name: 'insert_provisioning_done',
    text: TEXT,
    values: [vmId, scriptKey],
  });
};

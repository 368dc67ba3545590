/** Deletes what is known of VMs that are no longer registered and have no lines any more. */
import type { Queryable } from '../../../database/database.ts';

const TEXT = `
  DELETE FROM log_vm
  WHERE updated_at < now() - interval '1 hour'
    AND NOT EXISTS (SELECT 1 FROM vm WHERE vm.key = log_vm.vm_key)
    AND NOT EXISTS (SELECT 1 FROM kept_log WHERE kept_log.vm_key = log_vm.vm_key)`;

export const deleteLogVms = async (database: Queryable): Promise<number> => {
  const { rowCount } = await database.query({ name: 'delete_log_vms', text: TEXT });
  return rowCount;
};

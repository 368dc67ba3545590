/** Deletes what was last known of VMs that are no longer registered. */
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  DELETE FROM vm_latest
  WHERE NOT EXISTS (SELECT 1 FROM vm WHERE vm.key = vm_latest.vm_key)`;

export const deleteOrphanedLatest = async (database: Queryable): Promise<void> => {
  await database.query({ name: 'delete_orphaned_latest', text: TEXT });
};

/** Reads which boot of which VM was seen to. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = 'SELECT vm_id, boot_id FROM provisioning_vm';

const rowsSchema = z.array(z.object({ vm_id: z.string(), boot_id: z.string() }));

/** @returns the id of the boot by the id of the VM */
export const getBoots = async (queryable: Queryable): Promise<Map<string, string>> => {
  const { rows } = await queryable.query({ name: 'get_provisioning_boots', text: TEXT });
  return new Map(rowsSchema.parse(rows).map(({ vm_id: vmId, boot_id: bootId }) => [vmId, bootId]));
};

/** Reads which VMs have a round of provisioning that is not over. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = `SELECT vm_id FROM provisioning_round WHERE state = 'running'`;

const rowsSchema = z.array(z.object({ vm_id: z.string() }));

export const getRunningVms = async (queryable: Queryable): Promise<string[]> => {
  const { rows } = await queryable.query({ name: 'get_provisioning_vms', text: TEXT });
  return rowsSchema.parse(rows).map(({ vm_id: vmId }) => vmId);
};

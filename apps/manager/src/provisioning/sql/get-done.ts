/** Reads which scripts for the first boot need not run on a VM any more. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = 'SELECT script_key FROM provisioning_done WHERE vm_id = $1::uuid';

const rowsSchema = z.array(z.object({ script_key: z.string() }));

export const getDone = async (queryable: Queryable, vmId: string): Promise<Set<string>> => {
  const { rows } = await queryable.query({
    name: 'get_provisioning_done',
    text: TEXT,
    values: [vmId],
  });
  return new Set(rowsSchema.parse(rows).map(({ script_key: key }) => key));
};

/** Reads which scripts there are for a VM, as far as its labels decide, without their text. */
import { provisioningWhenSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';
import { MAX_SCRIPTS } from './list-scripts.ts';

const TEXT = `
  SELECT id, name, vm_id, selector, definition->>'when' AS "when",
    (definition->>'enabled')::bool AS enabled,
    round(extract(epoch FROM created_at) * 1000)::float8 AS created_at
  FROM provisioning_script
  WHERE vm_id = $1::uuid OR vm_id IS NULL
  ORDER BY position, name
  LIMIT $2::int`;

const rowsSchema = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    vm_id: z.string().nullable(),
    selector: z.string().nullable(),
    when: provisioningWhenSchema,
    enabled: z.boolean(),
    created_at: z.number(),
  }),
);
export type Candidate = z.infer<typeof rowsSchema>[number];

export const getCandidates = async (queryable: Queryable, vmId: string): Promise<Candidate[]> => {
  const { rows } = await queryable.query({
    name: 'get_provisioning_candidates',
    text: TEXT,
    values: [vmId, MAX_SCRIPTS],
  });
  return rowsSchema.parse(rows);
};

/** Reads which version the agents of VMs are, as they have said when they were heard last. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  SELECT vm_id, facts->>'version' AS version
  FROM agent_identity
  WHERE vm_id IS NOT NULL AND ($1::uuid IS NULL OR vm_id = $1::uuid)`;

const rowsSchema = z.array(z.object({ vm_id: z.string(), version: z.string().nullable() }));

/** @param vmId undefined: of all */
export const getAgentVersions = async (
  queryable: Queryable,
  vmId: string | undefined,
): Promise<readonly { readonly vmId: string; readonly version: string | undefined }[]> => {
  const { rows } = await queryable.query({
    name: 'get_agent_versions',
    text: TEXT,
    values: [vmId ?? null],
  });
  return rowsSchema
    .parse(rows)
    .map(({ vm_id, version }) => ({ vmId: vm_id, version: version ?? undefined }));
};

/** What agents of VMs have said of their certificates, in the order of their ids. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const rowSchema = z.object({ vm_id: z.uuid(), certificate: z.string() });

export interface ToldCertificate {
  readonly vmId: string;
  /** In base64url, by an agent's word. */
  readonly certificate: string;
}

export const listAgentCertificates = async (
  database: Queryable,
): Promise<readonly ToldCertificate[]> => {
  const { rows } = await database.query({
    name: 'list-agent-certificates',
    text: `SELECT vm_id, facts->>'tls_certificate' AS certificate
      FROM agent_identity
      WHERE vm_id IS NOT NULL AND facts->>'tls_certificate' IS NOT NULL
      ORDER BY vm_id`,
  });
  return rows.map((row) => {
    const { vm_id: vmId, certificate } = rowSchema.parse(row);
    return { vmId, certificate };
  });
};

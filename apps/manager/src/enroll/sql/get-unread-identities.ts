/** The VMs whose agents are enrolled and have not been read since. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const rowSchema = z.object({ vm_id: z.uuid() });

export const getUnreadIdentities = async (database: Queryable): Promise<readonly string[]> => {
  const { rows } = await database.query({
    name: 'get-unread-agent-identities',
    text: `SELECT vm_id FROM agent_identity
      WHERE first_reading_at IS NULL AND vm_id IS NOT NULL`,
  });
  return rows.map((row) => rowSchema.parse(row).vm_id);
};

/** The VMs and hosts whose agents are enrolled and have not been read since. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const rowSchema = z.object({ id: z.uuid() });

export const getUnreadIdentities = async (database: Queryable): Promise<readonly string[]> => {
  const { rows } = await database.query({
    name: 'get-unread-agent-identities',
    text: `SELECT coalesce(vm_id, host_id) AS id FROM agent_identity
      WHERE first_reading_at IS NULL`,
  });
  return rows.map((row) => rowSchema.parse(row).id);
};

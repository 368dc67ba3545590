/** Forgets that another machine had the key of this agent. */
import type { Queryable } from '../../database/database.ts';

export const clearClone = async (database: Queryable, agentId: string): Promise<void> => {
  await database.query({
    name: 'clear-agent-clone',
    text: 'UPDATE agent_identity SET clone = NULL WHERE agent_id = $1::text',
    values: [agentId],
  });
};

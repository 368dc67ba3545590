/** Notes that another machine has the key of this agent. */
import type { Queryable } from '../../database/database.ts';
import type { SeenClone } from './identity-row.ts';

export const setClone = async (
  database: Queryable,
  agentId: string,
  clone: SeenClone,
): Promise<void> => {
  await database.query({
    name: 'set-agent-clone',
    text: 'UPDATE agent_identity SET clone = $2::jsonb WHERE agent_id = $1::text',
    values: [agentId, JSON.stringify(clone)],
  });
};

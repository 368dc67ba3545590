/** The agent that goes by this id; in a transaction locked until its end. */
import type { Queryable } from '../../database/database.ts';
import { IDENTITY_COLUMNS, parseIdentityRow, type AgentIdentity } from './identity-row.ts';

export const getIdentity = async (
  database: Queryable,
  agentId: string,
): Promise<AgentIdentity | undefined> => {
  const { rows } = await database.query({
    name: 'get-agent-identity',
    text: `SELECT ${IDENTITY_COLUMNS} FROM agent_identity WHERE agent_id = $1::text FOR UPDATE`,
    values: [agentId],
  });
  return rows.length === 0 ? undefined : parseIdentityRow(rows[0]);
};

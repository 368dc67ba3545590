/** Notes what an agent has said last, and which keys it knows. */
import type { AgentFacts } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';

export interface IdentityUpdate {
  readonly agentId: string;
  readonly counter: number;
  readonly facts: AgentFacts;
  readonly remoteAddress: string;
  readonly managerKeys: readonly string[];
  readonly nowMs: number;
}

export const updateIdentity = async (
  database: Queryable,
  { agentId, counter, facts, remoteAddress, managerKeys, nowMs }: IdentityUpdate,
): Promise<void> => {
  await database.query({
    name: 'update-agent-identity',
    text: `UPDATE agent_identity SET counter = $2::bigint, facts = $3::jsonb,
        remote_address = $4::text, manager_keys = $5::jsonb,
        seen_at = to_timestamp($6::float8 / 1000)
      WHERE agent_id = $1::text`,
    values: [
      agentId,
      counter,
      JSON.stringify(facts),
      remoteAddress,
      JSON.stringify(managerKeys),
      nowMs,
    ],
  });
};

/** From now on this key is the agent's; a key that was there before counts no more. */
import type { AgentFacts } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';

export interface IdentityToUpsert {
  readonly agentId: string;
  /** One of the two. */
  readonly vmId: string | undefined;
  readonly hostId: string | undefined;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly facts: AgentFacts;
  readonly remoteAddress: string;
  readonly managerKeys: readonly string[];
  readonly nowMs: number;
}

export const upsertIdentity = async (
  database: Queryable,
  identity: IdentityToUpsert,
): Promise<void> => {
  const { agentId, vmId, hostId, publicKey, counter, facts, remoteAddress } = identity;
  await database.query({
    name: 'upsert-agent-identity',
    text: `INSERT INTO agent_identity (agent_id, vm_id, host_id, public_key, counter, facts,
        remote_address, manager_keys, enrolled_at, seen_at)
      VALUES ($1::text, $2::uuid, $3::uuid, $4::bytea, $5::bigint, $6::jsonb, $7::text, $8::jsonb,
        to_timestamp($9::float8 / 1000), to_timestamp($9::float8 / 1000))
      ON CONFLICT (agent_id) DO UPDATE SET
        vm_id = excluded.vm_id, host_id = excluded.host_id, public_key = excluded.public_key,
        counter = excluded.counter, facts = excluded.facts,
        remote_address = excluded.remote_address, manager_keys = excluded.manager_keys,
        enrolled_at = excluded.enrolled_at, seen_at = excluded.seen_at,
        first_reading_at = NULL, clone = NULL`,
    values: [
      agentId,
      vmId ?? null,
      hostId ?? null,
      publicKey,
      counter,
      JSON.stringify(facts),
      remoteAddress,
      JSON.stringify(identity.managerKeys),
      identity.nowMs,
    ],
  });
};

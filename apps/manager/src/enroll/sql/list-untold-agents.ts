/** The enrolled agents that do not know a key of the manager, some of them by name. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const rowSchema = z.object({
  agent_id: z.string(),
  name: z.string(),
  untold: z.number(),
});

export interface UntoldAgents {
  readonly count: number;
  readonly some: readonly { readonly agentId: string; readonly name: string }[];
}

const MAX_NAMED = 100;

/** @param publicKey as agents are told it, in base64url */
export const listUntoldAgents = async (
  database: Queryable,
  publicKey: string,
): Promise<UntoldAgents> => {
  const { rows } = await database.query({
    name: 'list-untold-agents',
    text: `SELECT agent_identity.agent_id, coalesce(vm.name, host.name) AS name, count(*) OVER ()::integer AS untold
      FROM agent_identity
        LEFT JOIN vm ON vm.id = agent_identity.vm_id
        LEFT JOIN host ON host.id = agent_identity.host_id
      WHERE NOT manager_keys @> to_jsonb($1::text)
      ORDER BY agent_identity.agent_id LIMIT $2::integer`,
    values: [publicKey, MAX_NAMED],
  });
  const parsed = rows.map((row) => rowSchema.parse(row));
  return {
    count: parsed[0]?.untold ?? 0,
    some: parsed.map(({ agent_id: agentId, name }) => ({ agentId, name })),
  };
};

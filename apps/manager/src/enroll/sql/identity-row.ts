/** A row of `agent_identity`. */
import { agentFactsSchema, type AgentFacts } from '@innkeeper/protocol';
import { z } from 'zod';

export const IDENTITY_COLUMNS = `agent_id, vm_id, host_id, public_key, counter::text AS counter,
  facts, remote_address, clone, manager_keys,
  round(extract(epoch FROM enrolled_at) * 1000)::float8 AS enrolled_at_ms,
  round(extract(epoch FROM seen_at) * 1000)::float8 AS seen_at_ms,
  round(extract(epoch FROM first_reading_at) * 1000)::float8 AS first_reading_at_ms`;

const cloneSchema = z.object({
  facts: agentFactsSchema,
  remote_address: z.string(),
  at: z.number(),
});
export type SeenClone = z.infer<typeof cloneSchema>;

const rowSchema = z.object({
  agent_id: z.string(),
  vm_id: z.uuid().nullable(),
  host_id: z.uuid().nullable(),
  public_key: z.instanceof(Buffer),
  counter: z.string(),
  facts: agentFactsSchema,
  remote_address: z.string().nullable(),
  clone: cloneSchema.nullable(),
  manager_keys: z.array(z.string()),
  enrolled_at_ms: z.number(),
  seen_at_ms: z.number(),
  first_reading_at_ms: z.number().nullable(),
});

export interface AgentIdentity {
  readonly agentId: string;
  readonly vmId: string | undefined;
  readonly hostId: string | undefined;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly facts: AgentFacts;
  readonly remoteAddress: string | undefined;
  readonly clone: SeenClone | undefined;
  readonly managerKeys: readonly string[];
  readonly enrolledAt: number;
  readonly seenAt: number;
  readonly firstReadingAt: number | undefined;
}

export const parseIdentityRow = (row: unknown): AgentIdentity => {
  const parsed = rowSchema.parse(row);
  return {
    agentId: parsed.agent_id,
    vmId: parsed.vm_id ?? undefined,
    hostId: parsed.host_id ?? undefined,
    publicKey: parsed.public_key,
    counter: Number(parsed.counter),
    facts: parsed.facts,
    remoteAddress: parsed.remote_address ?? undefined,
    clone: parsed.clone ?? undefined,
    managerKeys: parsed.manager_keys,
    enrolledAt: parsed.enrolled_at_ms,
    seenAt: parsed.seen_at_ms,
    firstReadingAt: parsed.first_reading_at_ms ?? undefined,
  };
};

/** Who answers at an address: asked with a token that is good for one agent only. */
import { healthSchema } from '@innkeeper/protocol';
import type { PullResult } from '../pull/pull-result.ts';

export interface AgentPlace {
  /** As the agent calls itself. */
  readonly agentId: string;
  readonly address: string;
  readonly port: number;
  /** By which it is known; undefined: it is asked plainly. */
  readonly tlsPin: string | undefined;
}

/** Undefined: nobody, or somebody else. */
export type ProbeAgent = (
  place: AgentPlace,
) => Promise<{ readonly bootId: string | undefined } | undefined>;

type Ask = (
  agent: {
    readonly id: string;
    readonly name: string;
    readonly guestIp: string;
    readonly agentPort: number;
    readonly tlsPin: string | undefined;
  },
  path: string,
) => Promise<PullResult<unknown>>;

export const makeProbeAgent =
  (ask: Ask): ProbeAgent =>
  async ({ agentId, address, port, tlsPin }) => {
    const agent = { id: agentId, name: agentId, guestIp: address, agentPort: port, tlsPin };
    const answer = await ask(agent, '/health');
    if (!answer.ok) return undefined;
    const health = healthSchema.safeParse(answer.value);
    if (!health.success || health.data.vm_id !== agentId) return undefined;
    return { bootId: health.data.boot_id ?? undefined };
  };

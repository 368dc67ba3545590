/**
 * What is kept for each agent that is pulled, its connection above all. An agent that is forgotten or
 * has moved loses it, so there are never more connections than targets.
 */
import type { AgentClient } from './agent-client.ts';

export interface AgentsById<Agent> {
  /** The one that is known, if it still stands for the same identity; else a new one. */
  of(id: string, identity: string, make: () => Agent): Agent;
  get(id: string): Agent | undefined;
  /** Closes its connection; an exchange under way fails. */
  forget(id: string): void;
  /** Settles when no socket is left. */
  stop(): Promise<void>;
}

export const makeAgentsById = <
  Agent extends { readonly client: Pick<AgentClient, 'close'> },
>(): AgentsById<Agent> => {
  const agents = new Map<string, { readonly identity: string; readonly agent: Agent }>();
  const closing = new Set<Promise<void>>();

  const forget = (id: string): void => {
    const known = agents.get(id);
    if (known === undefined) return;
    agents.delete(id);
    const closed = known.agent.client.close().finally(() => closing.delete(closed));
    closing.add(closed);
  };

  return {
    of: (id, identity, make) => {
      const known = agents.get(id);
      if (known?.identity === identity) return known.agent;
      forget(id);
      const agent = make();
      agents.set(id, { identity, agent });
      return agent;
    },
    get: (id) => agents.get(id)?.agent,
    forget,
    stop: async () => {
      for (const id of agents.keys()) forget(id);
      await Promise.all(closing);
    },
  };
};

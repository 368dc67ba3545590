/** Tells an agent to end a command, again and again until it was told: TERM to all of it, then KILL. */
import { randomUUID } from 'node:crypto';
import { makeAgentClient, type AgentClient } from '../../pull/agent-client.ts';
import { makeNap } from '../nap.ts';
import type { ExecAgent, ExecAgents } from './exec-link.ts';

export interface AgentStopper {
  /** Begins, unless it has. */
  stop(): void;
  close(): Promise<void>;
}

export interface StopperDependencies {
  readonly agents: ExecAgents;
  /** Of the execution. */
  readonly id: string;
  /** For whom, as the agent's log shall say. */
  readonly subject: string;
  /** Undefined: there is nothing to tell, or nobody who can be told, now. */
  readonly agent: () => ExecAgent | undefined;
  readonly isOver: () => boolean;
  readonly clockOffsetSeconds: () => number;
}

const KEEP_ALIVE_MS = 1_000;
const EMPTY = Buffer.alloc(0);

export const makeAgentStopper = (dependencies: StopperDependencies): AgentStopper => {
  const { agents, id, subject, agent, isOver, clockOffsetSeconds } = dependencies;
  const { mintBoundToken, gate, deadlines, clock, limits } = agents;
  const target = `/exec/${id}`;
  let isClosed = false;
  let asking: AgentClient | undefined;
  let work: Promise<void> | undefined;
  const nap = makeNap();

  const ask = async ({ vmId, place }: ExecAgent): Promise<boolean> => {
    const token = mintBoundToken({
      audience: vmId,
      scope: 'exec',
      subject,
      method: 'DELETE',
      target,
      body: EMPTY,
      jti: randomUUID(),
      iat: Math.floor(clock.now() / 1000) + clockOffsetSeconds() - 1,
    });
    const client = makeAgentClient({
      place,
      gate,
      deadlines,
      clock,
      keepAliveMs: KEEP_ALIVE_MS,
    });
    asking = client;
    try {
      const headers = ['authorization', `Bearer ${token}`];
      const deadlineMs = clock.monotonicMs() + limits.openMs;
      const answer = await client.exchange({ method: 'DELETE', target, headers }, deadlineMs);
      return answer.ok && (answer.status === 200 || answer.status === 404);
    } finally {
      asking = undefined;
      await client.close();
    }
  };

  const tell = async (): Promise<void> => {
    for (let waitMs = limits.retryMs; !isOver() && !isClosed;) {
      const at = agent();
      if (at !== undefined && (await ask(at))) return;
      if (!isClosed) await nap.sleep(waitMs);
      if (at !== undefined) waitMs = Math.min(waitMs * 2, limits.maxRetryMs);
    }
  };

  return {
    stop: () => {
      if (!isClosed) work ??= tell();
    },
    close: async () => {
      isClosed = true;
      nap.wake();
      await asking?.close();
      await work;
    },
  };
};

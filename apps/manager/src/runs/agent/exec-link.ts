/**
 * One connection to an agent for one command: sends it, or takes up its events again, and says how
 * that ended. Used once.
 */
import type { Clock } from '../../clock.ts';
import type { MintBoundToken } from '../../keys/bound-token.ts';
import type { MintToken } from '../../keys/token-minter.ts';
import { makeStreamClient } from '../../logs/upstream/stream-client.ts';
import { makeBearer } from '../../pull/bearer.ts';
import type { ConnectGate } from '../../pull/connect-gate.ts';
import type { Deadlines } from '../../pull/deadlines.ts';
import type { Exchange } from '../../pull/exchange.ts';
import type { AgentPlace } from '../../vms/agent-place.ts';
import type { RunLimits } from '../limits.ts';
import { readExecAnswer, type AgentProblem, type ExecAnswer } from './exec-answer.ts';
import { makeExecEventReader, type AgentEvent } from './exec-events.ts';

export interface ExecAgent {
  readonly vmId: string;
  readonly place: AgentPlace;
}

export interface ExecAgents {
  readonly mintToken: MintToken;
  readonly mintBoundToken: MintBoundToken;
  readonly gate: ConnectGate;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly limits: RunLimits;
}

export type LinkOutcome =
  | Exclude<ExecAnswer, { kind: 'stream' }>
  /** The events came to their end, or broke off; the command has ended only if an event said so. */
  | { readonly kind: 'closed'; readonly problem: AgentProblem | undefined }
  | { readonly kind: 'failed'; readonly neverSent: boolean; readonly problem: AgentProblem };

export interface LinkEvents {
  /** The head of a stream has come. */
  opened(clockOffsetMs: number): void;
  event(event: AgentEvent): void;
  bad(): void;
  /** All of what came at one time has been told. */
  chunk(): void;
}

export interface ExecLink {
  /** How far the agent's clock is ahead, by its last answer. */
  clockOffsetSeconds(): number | undefined;
  send(body: Buffer, token: string): Promise<LinkOutcome>;
  attach(id: string, after: number): Promise<LinkOutcome>;
  pause(): void;
  resume(): void;
  /** Ends what is under way; settles when no socket is left. */
  close(): Promise<void>;
}

/** The `Date` header has seconds: less than this may be rounding. */
const NOTICEABLE_SECONDS = 3;

export const makeExecLink = (
  { mintToken, gate, clock, limits }: ExecAgents,
  { vmId, place }: ExecAgent,
  events: LinkEvents,
): ExecLink => {
  let settle: ((outcome: LinkOutcome) => void) | undefined;
  let offset: number | undefined;
  const reader = makeExecEventReader(
    (event) => events.event(event),
    () => events.bad(),
    limits.maxEventBytes,
  );
  const client = makeStreamClient({
    place,
    gate,
    clock,
    silenceMs: limits.silenceMs,
    sink: {
      data: (chunk) => {
        reader.push(chunk);
        events.chunk();
      },
      ended: (failure) => {
        const problem = failure && { code: failure.kind, message: failure.message };
        settle?.({ kind: 'closed', problem });
      },
    },
  });
  const bearer = makeBearer({ mintToken, audience: vmId, scope: 'exec' });

  const ask = async (
    exchange: (onStream: () => void) => Promise<Exchange>,
  ): Promise<LinkOutcome> => {
    const ended = new Promise<LinkOutcome>((resolve) => {
      settle = resolve;
    });
    let isOpen = false;
    const answer = await exchange(() => {
      isOpen = true;
    });
    if (!answer.ok) {
      const { kind: code, message } = answer.failure;
      return { kind: 'failed', neverSent: answer.neverSent === true, problem: { code, message } };
    }
    offset = answer.clockOffsetSeconds ?? offset;
    const read = readExecAnswer(answer);
    if (read.kind !== 'stream') return read;
    if (!isOpen) return { kind: 'closed', problem: undefined };
    const seconds = Math.abs(offset ?? 0) < NOTICEABLE_SECONDS ? 0 : (offset ?? 0);
    events.opened(seconds * 1000);
    return ended;
  };

  const deadline = (): number => clock.monotonicMs() + limits.openMs;

  return {
    clockOffsetSeconds: () => offset,
    send: async (body, token) =>
      ask(async (onStream) => {
        const headers = ['authorization', `Bearer ${token}`, 'content-type', 'application/json'];
        headers.push('accept', 'text/event-stream');
        const request = { method: 'POST', target: '/exec', headers, body } as const;
        return client.exchange(request, deadline(), onStream);
      }),
    attach: async (id, after) =>
      ask(async (onStream) =>
        bearer.exchange(
          {
            exchange: async (request, deadlineMs) => client.exchange(request, deadlineMs, onStream),
          },
          { method: 'GET', target: `/exec/${id}/events`, lastEventId: String(after) },
          deadline(),
        ),
      ),
    pause: () => client.pause(),
    resume: () => client.resume(),
    close: async () => {
      settle?.({ kind: 'closed', problem: undefined });
      await client.close();
    },
  };
};

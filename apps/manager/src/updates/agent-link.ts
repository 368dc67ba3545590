/** What is said between the manager and one agent about its update. */
import { randomUUID } from 'node:crypto';
import {
  agentUpdateSchema,
  errorBodySchema,
  type AgentUpdate,
  type AgentUpdateOrder,
} from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { MintBoundToken } from '../keys/bound-token.ts';
import type { MintToken } from '../keys/token-minter.ts';
import { makeAgentClient, type AgentClient } from '../pull/agent-client.ts';
import { makeBearer } from '../pull/bearer.ts';
import type { ConnectGate } from '../pull/connect-gate.ts';
import type { Deadlines } from '../pull/deadlines.ts';
import { printable } from '../pull/failure.ts';
import { refusalIn } from '../pull/refusal.ts';
import { placeOf } from '../vms/agent-place.ts';
import type { VmRecord } from '../vms/vm-record.ts';

/** `refused`: it has said no, for good; `failed`: it may say something else a moment later. */
export type LinkProblem = {
  readonly ok: false;
  readonly kind: 'refused' | 'busy' | 'failed';
  readonly problem: { readonly code: string; readonly message: string };
};

export interface AgentLink {
  look(vm: VmRecord): Promise<{ readonly ok: true; readonly status: AgentUpdate } | LinkProblem>;
  order(
    vm: VmRecord,
    order: AgentUpdateOrder,
    subject: string,
  ): Promise<{ ok: true } | LinkProblem>;
  confirm(vm: VmRecord, id: string, subject: string): Promise<{ ok: true } | LinkProblem>;
  /** Ends what is under way, as failures. */
  close(): Promise<void>;
}

export interface AgentLinkDependencies {
  readonly mintToken: MintToken;
  readonly mintBoundToken: MintBoundToken;
  readonly gate: ConnectGate;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly askMs: number;
}

const KEEP_ALIVE_MS = 1_000;
const MAX_MESSAGE = 500;

const no = (kind: LinkProblem['kind'], code: string, message: string): LinkProblem => ({
  ok: false,
  kind,
  problem: { code, message: printable(message, MAX_MESSAGE) },
});

const NO_ADDRESS = no('failed', 'no_guest_ip', 'the VM has no address yet');
const TOO_OLD = no(
  'refused',
  'not_updatable',
  'this agent is too old to update itself; the install script of the manager upgrades it',
);

const parsedBody = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // What the guest has sent instead is nobody's business.
    return undefined;
  }
};

/** Of a refused change, in the agent's own words. */
const refusalOf = (status: number, body: Buffer): LinkProblem => {
  const parsed = errorBodySchema.safeParse(parsedBody(body));
  const { code, message } = parsed.success
    ? parsed.data.error
    : { code: 'http', message: `the agent answered with HTTP ${status}` };
  // A token from before its start, or of a clock that was set: the next one may be taken.
  if (status === 401 || status >= 500) return no('failed', code, message);
  if (code === 'busy' || code === 'conflict') return no('busy', code, message);
  if (status === 404 && code === 'not_found') return TOO_OLD;
  return no('refused', code, message);
};

export const makeAgentLink = (dependencies: AgentLinkDependencies): AgentLink => {
  const { mintToken, mintBoundToken, gate, deadlines, clock, askMs } = dependencies;
  /** How far agents' clocks are from ours, as they have said last. */
  const offsets = new Map<string, number>();
  const clients = new Set<AgentClient>();

  const withClient = async <Value>(
    vm: VmRecord,
    use: (client: AgentClient, deadlineMs: number) => Promise<Value>,
  ): Promise<Value | LinkProblem> => {
    const place = placeOf(vm);
    if (place === undefined) return NO_ADDRESS;
    const client = makeAgentClient({ place, gate, deadlines, clock, keepAliveMs: KEEP_ALIVE_MS });
    clients.add(client);
    try {
      return await use(client, clock.monotonicMs() + askMs);
    } finally {
      clients.delete(client);
      await client.close();
    }
  };

  const change = async (
    vm: VmRecord,
    target: string,
    document: unknown,
    subject: string,
  ): Promise<{ ok: true } | LinkProblem> =>
    withClient(vm, async (client, deadlineMs) => {
      const body = Buffer.from(JSON.stringify(document));
      const token = mintBoundToken({
        audience: vm.id,
        scope: 'update',
        subject,
        method: 'POST',
        target,
        body,
        jti: randomUUID(),
        // One second back: an agent's clock is known to the second.
        iat: Math.floor(clock.now() / 1000) + (offsets.get(vm.id) ?? 0) - 1,
      });
      const headers = ['authorization', `Bearer ${token}`, 'content-type', 'application/json'];
      const answer = await client.exchange({ method: 'POST', target, headers, body }, deadlineMs);
      if (!answer.ok) return no('failed', answer.failure.kind, answer.failure.message);
      return answer.status === 202 ? { ok: true } : refusalOf(answer.status, answer.body);
    });

  return {
    look: async (vm) =>
      withClient(vm, async (client, deadlineMs) => {
        const bearer = makeBearer({ mintToken, audience: vm.id, scope: 'update' });
        const request = { method: 'GET', target: '/update' } as const;
        const answer = await bearer.exchange(client, request, deadlineMs);
        if (!answer.ok) return no('failed', answer.failure.kind, answer.failure.message);
        const offset = bearer.clockOffsetSeconds();
        if (offset === undefined) offsets.delete(vm.id);
        else offsets.set(vm.id, offset);
        if (answer.status === 404) return TOO_OLD;
        const refusal = refusalIn(answer, client.where);
        if (refusal !== undefined) return no('failed', refusal.kind, refusal.message);
        const parsed = agentUpdateSchema.safeParse(parsedBody(answer.body));
        if (!parsed.success) return no('failed', 'malformed', 'what answers is no agent');
        const status = parsed.data;
        if (status.vm_id === vm.id) return { ok: true, status } as const;
        return no('failed', 'wrong_identity', 'another agent answers at its address');
      }),
    order: async (vm, order, subject) => change(vm, '/update', order, subject),
    confirm: async (vm, id, subject) => change(vm, '/update/confirm', { id }, subject),
    close: async () => {
      await Promise.all([...clients].map(async (client) => client.close()));
    },
  };
};

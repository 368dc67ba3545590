/**
 * One question to a VM's agent on behalf of somebody who looks: processes, facts. On a connection
 * of its own, so that a slow answer never delays the pulls of that VM.
 */
import type { Clock } from '../clock.ts';
import type { AgentScope, MintToken } from '../keys/token-minter.ts';
import { placeOf, type PlacedVm } from '../vms/agent-place.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { makeAgentClient } from './agent-client.ts';
import { makeBearer } from './bearer.ts';
import type { ConnectGate } from './connect-gate.ts';
import type { Deadlines } from './deadlines.ts';
import { headerOf, type AgentAnswer } from './exchange.ts';
import { pullFailure } from './failure.ts';
import type { PullFailure, PullResult } from './pull-result.ts';
import { refusalIn } from './refusal.ts';
import { failed, succeeded } from './stopwatch.ts';

export type AskedAgent = PlacedVm & Pick<VmRecord, 'id' | 'name'>;

export interface AskAgentDependencies {
  readonly mintToken: MintToken;
  readonly gate: ConnectGate;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** What the token opens. */
  readonly scope: AgentScope;
}

const JSON_TYPE = /^application\/json\s*(?:;|$)/iu;
/** It is closed right after the answer. */
const KEEP_ALIVE_MS = 1_000;

type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: PullFailure };

const parseAnswer = (answer: AgentAnswer, where: string): Parsed => {
  const refusal = refusalIn(answer, where);
  if (refusal !== undefined) return { ok: false, failure: refusal };
  const malformed = (what: string): Parsed => ({
    ok: false,
    failure: pullFailure('malformed', where, what),
  });
  if (!JSON_TYPE.test(headerOf(answer.headers, 'content-type') ?? '')) {
    return malformed('answered with something other than JSON');
  }
  try {
    return { ok: true, value: JSON.parse(answer.body.toString('utf8')) };
  } catch {
    // What the guest has sent instead is nobody's business.
    return malformed('answered with something that is no JSON');
  }
};

export const makeAskAgent =
  ({ mintToken, gate, deadlines, clock, timeoutMs, scope }: AskAgentDependencies) =>
  async (vm: AskedAgent, path: string): Promise<PullResult<unknown>> => {
    const startedMs = clock.monotonicMs();
    const { id } = vm;
    const place = placeOf(vm);
    if (place === undefined) {
      return failed(clock, startedMs, pullFailure('no_guest_ip', vm.name, 'has no address yet'));
    }
    const client = makeAgentClient({
      place,
      gate,
      deadlines,
      clock,
      keepAliveMs: KEEP_ALIVE_MS,
    });
    const bearer = makeBearer({ mintToken, audience: id, scope });
    try {
      const answer = await bearer.exchange(
        client,
        { method: 'GET', target: path },
        clock.monotonicMs() + timeoutMs,
      );
      if (!answer.ok) return failed(clock, startedMs, answer.failure);
      const parsed = parseAnswer(answer, client.where);
      return parsed.ok
        ? succeeded(clock, startedMs, parsed.value)
        : failed(clock, startedMs, parsed.failure);
    } finally {
      await client.close();
    }
  };

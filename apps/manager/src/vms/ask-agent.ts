/**
 * Questions that a VM's agent answers itself, passed on and checked. Several who ask the same at
 * once share one answer, so that the number of open pages is no load on a guest.
 */
import type { z } from 'zod';
import { refuse, type Problem } from '../http/problem.ts';
import type { PullResult } from '../pull/pull-result.ts';
import { describePlaceOf } from './agent-place.ts';
import { agentProblem } from './agent-problem.ts';
import type { Outcome } from './outcome.ts';
import type { VmRecord } from './vm-record.ts';

export type AskAgent = (vm: VmRecord, path: string) => Promise<PullResult<unknown>>;

export interface AgentQuestions {
  ask<Value>(vm: VmRecord, path: string, schema: z.ZodType<Value>): Promise<Outcome<Value>>;
}

/** Each holds a connection and an answer of up to a megabyte. */
const MAX_UNDER_WAY = 64;

const BUSY: Problem = {
  status: 503,
  code: 'busy',
  message: `${MAX_UNDER_WAY} questions to agents are under way; try again soon`,
  headers: { 'retry-after': '1' },
};

export const makeAgentQuestions = (askAgent: AskAgent): AgentQuestions => {
  const underWay = new Map<string, Promise<PullResult<unknown>>>();

  const shared = (vm: VmRecord, path: string): Promise<PullResult<unknown>> | undefined => {
    // With the address: whoever asks after it has changed wants the new one.
    const key = `${vm.id} ${describePlaceOf(vm) ?? ''} ${path}`;
    const known = underWay.get(key);
    if (known !== undefined) return known;
    if (underWay.size >= MAX_UNDER_WAY) return undefined;
    const asked = askAgent(vm, path).finally(() => underWay.delete(key));
    underWay.set(key, asked);
    return asked;
  };

  return {
    ask: async (vm, path, schema) => {
      const answer = await shared(vm, path);
      if (answer === undefined) return refuse(BUSY);
      if (!answer.ok) return refuse(agentProblem(answer.failure));
      const parsed = schema.safeParse(answer.value);
      if (parsed.success) return { ok: true, value: parsed.data };
      // Not what was sent instead: it is the guest's text.
      const where = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
      const message = `the agent's answer to ${path} is malformed at ${JSON.stringify(where.slice(0, 60))}`;
      return refuse(agentProblem({ kind: 'malformed', message }));
    },
  };
};

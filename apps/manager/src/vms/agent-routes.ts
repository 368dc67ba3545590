/** What a VM's agent is asked for on behalf of whoever looks: its processes, and what it is. */
import { infoSchema, processListSchema, processOrderSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import { defineRoute } from '../http/define-route.ts';
import { refuse } from '../http/problem.ts';
import { countUpTo } from '../http/query-count.ts';
import { idParams, nothing, type AnyRoute } from '../http/route.ts';
import { AGENT_PROBLEMS } from './agent-problem.ts';
import type { AgentQuestions } from './ask-agent.ts';

export interface AgentRoutesOptions {
  readonly questions: AgentQuestions;
}

const MAX_TOP = 1000;
const DEFAULT_TOP = 20;

const processQuery = z.strictObject({
  top: countUpTo(MAX_TOP)
    .default(DEFAULT_TOP)
    .describe(`how many: 1 to ${MAX_TOP}, ${DEFAULT_TOP} where it is left out`),
  by: processOrderSchema.default('cpu'),
});

export const makeAgentRoutes = ({ questions }: AgentRoutesOptions): readonly AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/v1/vms/:id/processes',
    tag: 'VMs',
    summary: 'The processes of a VM, as its agent lists them now',
    access: { action: 'vm.read', vm: 'id' },
    params: idParams,
    query: processQuery,
    body: nothing,
    answers: { 200: { description: 'processes', schema: processListSchema } },
    problems: AGENT_PROBLEMS,
    handle: async ({ vm, query: { top, by } }) => {
      const path = `/processes?top=${top}&by=${by}`;
      const answer = await questions.ask(vm, path, processListSchema);
      return answer.ok ? { ok: true, status: 200, body: answer.value } : answer;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/v1/vms/:id/info',
    tag: 'VMs',
    summary: 'What a VM is, as its agent tells it now',
    access: { action: 'vm.read', vm: 'id' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'operating system, hardware, addresses', schema: infoSchema } },
    problems: AGENT_PROBLEMS,
    handle: async ({ vm }) => {
      const answer = await questions.ask(vm, '/info', infoSchema);
      if (!answer.ok) return answer;
      if (vm.enrolledAt !== undefined && answer.value.vm_id !== vm.id) {
        const message = 'the agent at this address says the id of another VM';
        return refuse({ status: 502, code: 'agent_wrong_identity', message });
      }
      return { ok: true, status: 200, body: answer.value };
    },
  }),
];

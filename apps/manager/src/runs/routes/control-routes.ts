/** Stops, pauses and resumes runs. A run is one's own to control where all of its VMs are. */
import { runCreatedSchema, timeoutAnswerSchema } from '@innkeeper/protocol';
import { defineRoute } from '../../http/define-route.ts';
import { refuse } from '../../http/problem.ts';
import {
  idParams,
  nothing,
  type ActorInput,
  type Answer,
  type AnyRoute,
} from '../../http/route.ts';
import type { RunAccess } from '../run-access.ts';
import type { RunQuestions } from '../run-questions.ts';
import type { Control, Runs } from '../runs.ts';
import { EXECUTION_PROBLEMS, executionParams, RUN_PROBLEMS, tag } from './run-params.ts';

const answers = { 202: { description: 'it is being done', schema: runCreatedSchema } };
const access = { action: 'run.control' } as const;
const problems = {
  ...RUN_PROBLEMS,
  '409 run_over': 'the run is over',
  '409 wrong_state': 'only a running run can be paused, and only a paused one resumed',
};

export const makeControlRoutes = ({
  runs,
  questions,
  access: rights,
}: {
  readonly runs: Pick<Runs, 'control' | 'stopExecution' | 'answerTimeout'>;
  readonly questions: RunQuestions;
  readonly access: RunAccess;
}): readonly AnyRoute[] => {
  const control = async (
    { actor, params, requestId, remoteAddress }: ActorInput<{ id: string }, unknown, unknown>,
    what: Control,
  ): Promise<Answer> => {
    const found = await questions.find(actor, params.id);
    if (!found.ok) return found;
    const { executions, hasHidden } = found.value;
    if (hasHidden || !executions.every(({ vmId }) => rights.may(actor, 'run.control', vmId))) {
      const message = 'the run has VMs that are not yours; stop single executions instead';
      return refuse({ status: 403, code: 'forbidden', message });
    }
    const by = { actor, request: { requestId, remoteAddress } };
    const problem = await runs.control(by, params.id, what);
    return problem === undefined
      ? { ok: true, status: 202, body: { run_id: params.id } }
      : refuse(problem);
  };

  const shared = {
    tag,
    access,
    params: idParams,
    query: nothing,
    body: nothing,
    answers,
    problems,
  };
  return [
    defineRoute({
      ...shared,
      method: 'delete',
      path: '/v1/runs/:id',
      summary: 'Stops a run: what runs is ended with TERM, then KILL; the rest is cancelled',
      handle: async (input) => control(input, 'stop'),
    }),
    defineRoute({
      ...shared,
      method: 'post',
      path: '/v1/runs/:id/pause',
      summary: 'Begins on no further VM; what runs goes on',
      handle: async (input) => control(input, 'pause'),
    }),
    defineRoute({
      ...shared,
      method: 'post',
      path: '/v1/runs/:id/resume',
      summary: 'Goes on with a paused run, also where its canaries have failed',
      handle: async (input) => control(input, 'resume'),
    }),
    defineRoute({
      method: 'delete',
      path: '/v1/runs/:id/executions/:eid',
      tag,
      summary: 'Stops the command on one VM',
      access,
      params: executionParams,
      query: nothing,
      body: nothing,
      answers,
      problems: { ...problems, ...EXECUTION_PROBLEMS },
      handle: async ({ actor, params, requestId, remoteAddress }) => {
        const { id, eid } = params;
        const found = await questions.findExecution(actor, 'run.control', id, eid);
        if (!found.ok) return found;
        const by = { actor, request: { requestId, remoteAddress } };
        const problem = await runs.stopExecution(by, id, eid);
        return problem === undefined
          ? { ok: true, status: 202, body: { run_id: id } }
          : refuse(problem);
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/runs/:id/executions/:eid/timeout',
      tag,
      summary: 'Says what becomes of a command that is past its timeout: wait, or leave it alone',
      access,
      params: executionParams,
      query: nothing,
      body: timeoutAnswerSchema,
      answers,
      problems: {
        ...EXECUTION_PROBLEMS,
        '409 run_over': 'the run is over',
        '409 wrong_state': 'it does not run, is being stopped, or its agent ends it at its timeout',
      },
      handle: async ({ actor, params, body, requestId, remoteAddress }) => {
        const { id, eid } = params;
        const found = await questions.findExecution(actor, 'run.control', id, eid);
        if (!found.ok) return found;
        const by = { actor, request: { requestId, remoteAddress } };
        const problem = await runs.answerTimeout(by, id, eid, body);
        return problem === undefined
          ? { ok: true, status: 202, body: { run_id: id } }
          : refuse(problem);
      },
    }),
  ];
};

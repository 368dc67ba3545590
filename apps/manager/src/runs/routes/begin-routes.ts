/** `POST /v1/vms/:id/exec`, `POST /v1/runs` and `POST /v1/runs/:id/retry`: what begins a run. */
import { runCreateSchema, runCreatedSchema, vmExecSchema } from '@innkeeper/protocol';
import { defineRoute } from '../../http/define-route.ts';
import { refuse } from '../../http/problem.ts';
import { idParams, nothing, type Answer, type AnyRoute } from '../../http/route.ts';
import { storableCommand } from '../../vms/storable-text.ts';
import type { Begun, BeginRun } from '../begin-run.ts';
import type { RunQuestions } from '../run-questions.ts';
import { MAX_RUN_BODY_BYTES, RUN_PROBLEMS, tag } from './run-params.ts';

const answers = { 202: { description: 'the run has begun', schema: runCreatedSchema } };
const problems = {
  '404 vm_not_found': 'one of `vm_ids` is no VM, or none that one may run commands on',
  '422 command_not_found': '`command_id` is no saved command',
  '422 command_not_for_vm': 'the saved command is for other VMs',
  '429 busy': 'too many runs are under way',
};
const ALONE = { concurrency: 1, canary: undefined, max_failures: undefined };

const answerOf = (begun: Begun): Answer =>
  begun.ok ? { ok: true, status: 202, body: { run_id: begun.id } } : refuse(begun.problem);

export const makeBeginRoutes = ({
  begin,
  questions,
}: {
  readonly begin: BeginRun;
  readonly questions: RunQuestions;
}): readonly AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/v1/vms/:id/exec',
    tag,
    summary: 'Runs a command on one VM',
    access: { action: 'run.create', vm: 'id' },
    params: idParams,
    query: nothing,
    body: storableCommand(vmExecSchema),
    maxBodyBytes: MAX_RUN_BODY_BYTES,
    answers,
    problems,
    handle: async ({ actor, vm, body, requestId, remoteAddress }) => {
      const by = { actor, request: { requestId, remoteAddress } };
      return answerOf(await begin.begin(by, body, { vm_ids: [vm.id] }, ALONE));
    },
  }),
  defineRoute({
    method: 'post',
    path: '/v1/runs',
    tag,
    summary: 'Runs a command on many VMs, named or chosen by their labels',
    access: { action: 'run.create' },
    params: nothing,
    query: nothing,
    body: storableCommand(runCreateSchema),
    maxBodyBytes: MAX_RUN_BODY_BYTES,
    answers,
    problems: { ...problems, '422 no_targets': 'the selector fits no VM' },
    handle: async ({ actor, body, requestId, remoteAddress }) => {
      const by = { actor, request: { requestId, remoteAddress } };
      const { targets, concurrency, canary, max_failures, ...asked } = body;
      return answerOf(await begin.begin(by, asked, targets, { concurrency, canary, max_failures }));
    },
  }),
  defineRoute({
    method: 'post',
    path: '/v1/runs/:id/retry',
    tag,
    summary: 'Begins a new run of the same command on the VMs where it failed or was cancelled',
    access: { action: 'run.create' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers,
    problems: {
      ...problems,
      ...RUN_PROBLEMS,
      '409 nothing_to_retry': 'nothing has failed, or not yet',
    },
    handle: async ({ actor, params, requestId, remoteAddress }) => {
      const found = await questions.find(actor, params.id);
      if (!found.ok) return found;
      const by = { actor, request: { requestId, remoteAddress } };
      return answerOf(await begin.retry(by, found.value.run, found.value.executions));
    },
  }),
];

/** The provisioning of one VM: `/v1/vms/:id/provisioning`. */
import {
  pageOf,
  provisioningBegunSchema,
  provisioningRoundSchema,
  provisioningRunSchema,
} from '@innkeeper/protocol';
import { z } from 'zod';
import { authorize } from '../../auth/authorize.ts';
import type { Database } from '../../database/database.ts';
import { defineRoute } from '../../http/define-route.ts';
import { cursorDescription, limitUpTo } from '../../http/query-count.ts';
import { idParams, nothing, type Answer, type AnyRoute } from '../../http/route.ts';
import type { Outcome } from '../../vms/outcome.ts';
import { CONTROL_PROBLEMS, type ProvisioningControls } from '../controls.ts';
import { presentRound } from '../present-round.ts';
import { listRounds } from '../sql/list-rounds.ts';
import { tag } from './script-routes.ts';

const MAX_ROUNDS = 50;
const DEFAULT_ROUNDS = 10;

const querySchema = z.strictObject({
  limit: limitUpTo(MAX_ROUNDS, DEFAULT_ROUNDS),
  cursor: z
    .string()
    .regex(/^\d{1,18}$/u, 'must be the next_cursor of the page before')
    .optional()
    .describe(cursorDescription),
});

const answerOf = (outcome: Outcome<string>): Answer =>
  outcome.ok ? { ok: true, status: 202, body: { round_id: outcome.value } } : outcome;

const explained = (...names: readonly (keyof typeof CONTROL_PROBLEMS)[]) =>
  Object.fromEntries(
    names.map((name) => {
      const { status, code, message } = CONTROL_PROBLEMS[name];
      return [`${status} ${code}`, message];
    }),
  );

const answers = { 202: { description: 'it goes on', schema: provisioningBegunSchema } };

export const makeVmProvisioningRoutes = ({
  database,
  controls,
}: {
  readonly database: Database;
  readonly controls: ProvisioningControls;
}): readonly AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/v1/vms/:id/provisioning',
    tag,
    summary: 'What has run on a VM when it enrolled and started, and how far it is; newest first',
    access: { action: 'run.read', vm: 'id' },
    params: idParams,
    query: querySchema,
    body: nothing,
    answers: {
      200: { description: 'a page of rounds', schema: pageOf(provisioningRoundSchema) },
    },
    handle: async ({ actor, vm, query: { limit, cursor } }) => {
      const mayReadOutput = authorize(actor, 'run.output', vm);
      const found = await listRounds(database, vm.id, cursor, limit + 1);
      const shown = found.slice(0, limit);
      const last = found.length > limit ? shown.at(-1) : undefined;
      const items = shown.map((round) => presentRound(round, mayReadOutput));
      return { ok: true, status: 200, body: { items, next_cursor: last?.key ?? null } };
    },
  }),
  defineRoute({
    method: 'post',
    path: '/v1/vms/:id/provisioning/run',
    tag,
    summary: 'Runs scripts on a VM now',
    access: { action: 'run.create', vm: 'id' },
    params: idParams,
    query: nothing,
    body: provisioningRunSchema,
    answers,
    problems: {
      ...explained('notSeen', 'underWay', 'nothing', 'noScript'),
      '502 agent_unreachable': 'the agent does not answer',
    },
    handle: async ({ actor, vm, body, requestId, remoteAddress }) => {
      const by = { actor, request: { requestId, remoteAddress } };
      const { script_ids: ids, again } = body;
      const scriptIds = ids === undefined ? undefined : new Set(ids);
      return answerOf(await controls.run(by, vm, { scriptIds, again }));
    },
  }),
  defineRoute({
    method: 'post',
    path: '/v1/vms/:id/provisioning/retry',
    tag,
    summary: 'Runs the failed step again, as its script is now, and goes on from there',
    access: { action: 'run.create', vm: 'id' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers,
    problems: explained('noFailure', 'underWay'),
    handle: async ({ actor, vm, requestId, remoteAddress }) =>
      answerOf(await controls.retry({ actor, request: { requestId, remoteAddress } }, vm)),
  }),
  defineRoute({
    method: 'post',
    path: '/v1/vms/:id/provisioning/skip',
    tag,
    summary: 'Leaves the failed step out, and goes on with the one after it',
    access: { action: 'run.create', vm: 'id' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers,
    problems: explained('noFailure', 'underWay'),
    handle: async ({ actor, vm, requestId, remoteAddress }) =>
      answerOf(await controls.skip({ actor, request: { requestId, remoteAddress } }, vm)),
  }),
];

/** `/v1/updates`: agents get the version that the manager serves. */
import {
  MAX_PAGE,
  pageOf,
  updateCreateSchema,
  updateCreatedSchema,
  updateOfferSchema,
  updateSchema,
  updateSummarySchema,
} from '@innkeeper/protocol';
import { z } from 'zod';
import type { Actor } from '../../auth/actor.ts';
import type { Database } from '../../database/database.ts';
import { defineRoute } from '../../http/define-route.ts';
import { refuse, type Problem } from '../../http/problem.ts';
import { cursorDescription, limitUpTo } from '../../http/query-count.ts';
import {
  idParams,
  nothing,
  type ActorInput,
  type Answer,
  type AnyRoute,
} from '../../http/route.ts';
import { chooseTargets } from '../../runs/choose-targets.ts';
import type { RunAccess } from '../../runs/run-access.ts';
import type { Vms } from '../../vms/vm-record.ts';
import { chooseOrder } from '../choose-order.ts';
import type { SeenUpdate } from '../create-update.ts';
import type { Offer } from '../run-step.ts';
import { getSteps } from '../sql/get-steps.ts';
import { getUpdate } from '../sql/get-update.ts';
import { listUpdates } from '../sql/list-updates.ts';
import { presentSummary, presentUpdate } from '../update-record.ts';
import type { Control, Updates } from '../updates.ts';

export interface UpdateRoutesOptions {
  readonly database: Database;
  readonly vms: Pick<Vms, 'get' | 'all'>;
  readonly access: RunAccess;
  readonly updates: Pick<Updates, 'begin' | 'control' | 'active'>;
  readonly offer: Pick<Offer, 'version'>;
}

const tag = 'Updates';
const DEFAULT_PAGE = 20;
const NOT_FOUND: Problem = {
  status: 404,
  code: 'update_not_found',
  message: 'there is no update with this id',
};
const querySchema = z.strictObject({
  limit: limitUpTo(MAX_PAGE, DEFAULT_PAGE),
  cursor: z
    .string()
    .regex(/^\d{1,18}$/u, 'must be the next_cursor of the page before')
    .optional()
    .describe(cursorDescription),
});

type Found =
  | { readonly ok: true; readonly seen: SeenUpdate; readonly hasHidden: boolean }
  | { readonly ok: false; readonly problem: Problem };

const makeFind =
  ({ database, access, updates }: UpdateRoutesOptions) =>
  async (actor: Actor, id: string): Promise<Found> => {
    const stored = updates.active(id);
    const update = stored?.update ?? (await getUpdate(database, id));
    if (update === undefined) return { ok: false, problem: NOT_FOUND };
    const all = stored?.steps ?? (await getSteps(database, [update.key])).get(update.key) ?? [];
    const steps = all.filter(({ vmId }) => access.may(actor, 'update.read', vmId));
    // Who may see none of its VMs does not learn that there was one.
    if (steps.length === 0) return { ok: false, problem: NOT_FOUND };
    return { ok: true, seen: { update, steps }, hasHidden: steps.length < all.length };
  };

const makeControlRoutes = (options: UpdateRoutesOptions): readonly AnyRoute[] => {
  const { access: rights, updates } = options;
  const find = makeFind(options);
  const control = async (
    { actor, params, requestId, remoteAddress }: ActorInput<{ id: string }, unknown, unknown>,
    what: Control,
  ): Promise<Answer> => {
    const found = await find(actor, params.id);
    if (!found.ok) return found;
    const { steps } = found.seen;
    if (found.hasHidden || !steps.every(({ vmId }) => rights.may(actor, 'update.control', vmId))) {
      const message = 'the update has VMs that are not yours';
      return refuse({ status: 403, code: 'forbidden', message });
    }
    const by = { actor, request: { requestId, remoteAddress } };
    const problem = await updates.control(by, params.id, what);
    return problem === undefined
      ? { ok: true, status: 202, body: { update_id: params.id } }
      : refuse(problem);
  };
  const shared = {
    tag,
    access: { action: 'update.control' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: { 202: { description: 'it is being done', schema: updateCreatedSchema } },
    problems: {
      '404 update_not_found': 'there is none, or none that one may see',
      '409 update_over': 'the update is over',
      '409 wrong_state': 'only a running update can be paused, and only a paused one resumed',
    },
  } as const;
  return [
    defineRoute({
      ...shared,
      method: 'delete',
      path: '/v1/updates/:id',
      summary: 'Stops an update: agents that were told go on, the others are left as they are',
      handle: async (input) => control(input, 'stop'),
    }),
    defineRoute({
      ...shared,
      method: 'post',
      path: '/v1/updates/:id/pause',
      summary: 'Begins with no further VM',
      handle: async (input) => control(input, 'pause'),
    }),
    defineRoute({
      ...shared,
      method: 'post',
      path: '/v1/updates/:id/resume',
      summary: 'Goes on with a paused update, also where its canaries have failed',
      handle: async (input) => control(input, 'resume'),
    }),
  ];
};

export const makeUpdateRoutes = (options: UpdateRoutesOptions): readonly AnyRoute[] => {
  const { database, vms, access, updates, offer } = options;
  const find = makeFind(options);
  return [
    defineRoute({
      method: 'post',
      path: '/v1/updates',
      tag,
      summary: 'Updates agents to the version that the manager serves, in stages',
      access: { action: 'update.create' },
      params: nothing,
      query: nothing,
      body: updateCreateSchema,
      answers: { 202: { description: 'the update has begun', schema: updateCreatedSchema } },
      problems: {
        '404 vm_not_found': 'one of `vm_ids` is no VM, or none that one may update',
        '409 not_built': 'the manager has no agent to update to',
        '409 update_under_way': 'one of the VMs is being updated already',
        '422 no_targets': 'the selector fits no VM',
        '422 no_canaries': 'the selector of canaries fits none of the VMs',
        '429 busy': 'too many updates are under way',
      },
      handle: async ({ actor, body, requestId, remoteAddress }) => {
        const chosen = chooseTargets(vms, actor, body.targets, undefined);
        if (!chosen.ok) return refuse(chosen.problem);
        const ordered = chooseOrder(chosen.vms, body.canary);
        if (!ordered.ok) return refuse(ordered.problem);
        const by = { actor, request: { requestId, remoteAddress } };
        const begun = await updates.begin(by, {
          selector: chosen.selector,
          concurrency: body.concurrency,
          canary: ordered.canary,
          maxFailures: body.max_failures,
          allowDowngrade: body.allow_downgrade,
          vms: ordered.vms,
        });
        return begun.ok
          ? { ok: true, status: 202, body: { update_id: begun.id } }
          : refuse(begun.problem);
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/updates',
      tag,
      summary: 'Updates, newest first, and the version that there is to update to',
      access: { action: 'update.read' },
      params: nothing,
      query: querySchema,
      body: nothing,
      answers: {
        200: {
          description: 'a page of updates',
          schema: pageOf(updateSummarySchema).extend({ offer: updateOfferSchema }),
        },
      },
      handle: async ({ actor, query }) => {
        const rows = await listUpdates(database, {
          beforeKey: query.cursor,
          visibleVmIds: access.visibleVmIds(actor),
          limit: query.limit + 1,
        });
        const shown = rows.slice(0, query.limit);
        const steps = await getSteps(
          database,
          shown.map(({ key }) => key),
        );
        const items = shown.map((row) => {
          const active = updates.active(row.id);
          const all = active?.steps ?? steps.get(row.key) ?? [];
          const own = all.filter(({ vmId }) => access.may(actor, 'update.read', vmId));
          return presentSummary(active?.update ?? row, own);
        });
        const last = rows.length > query.limit ? shown.at(-1) : undefined;
        const next = last === undefined ? null : String(last.key);
        const body = { items, next_cursor: next, offer: { version: offer.version ?? null } };
        return { ok: true, status: 200, body };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/updates/:id',
      tag,
      summary: 'An update with its steps, one for each VM',
      access: { action: 'update.read' },
      params: idParams,
      query: nothing,
      body: nothing,
      answers: { 200: { description: 'the update', schema: updateSchema } },
      problems: { '404 update_not_found': 'there is none, or none that one may see' },
      handle: async ({ actor, params }) => {
        const found = await find(actor, params.id);
        if (!found.ok) return found;
        const { update, steps } = found.seen;
        return { ok: true, status: 200, body: presentUpdate(update, steps) };
      },
    }),
    ...makeControlRoutes(options),
  ];
};

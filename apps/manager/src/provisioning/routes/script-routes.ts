/** Scripts for provisioning: `/v1/provisioning`. */
import {
  MAX_PAGE,
  pageOf,
  provisioningCreateSchema,
  provisioningPatchSchema,
  provisioningSchema,
  type Provisioning,
  type ProvisioningCreate,
} from '@innkeeper/protocol';
import { z } from 'zod';
import { recordAudit } from '../../audit/audit.ts';
import type { Database, Queryable } from '../../database/database.ts';
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
import { MAX_RUN_BODY_BYTES } from '../../runs/routes/run-params.ts';
import { parseLabelSelector } from '../../vms/label-selector.ts';
import { storableCommand } from '../../vms/storable-text.ts';
import type { Vms } from '../../vms/vm-record.ts';
import { countScripts } from '../sql/count-scripts.ts';
import { deleteScript } from '../sql/delete-script.ts';
import { getScript } from '../sql/get-script.ts';
import { insertScript } from '../sql/insert-script.ts';
import { listScripts, MAX_SCRIPTS } from '../sql/list-scripts.ts';
import { updateScript } from '../sql/update-script.ts';
import { decodePlace, encodePlace } from './script-cursor.ts';

export const tag = 'Provisioning';
const DEFAULT_PAGE = 100;

const NOT_FOUND: Problem = {
  status: 404,
  code: 'script_not_found',
  message: 'there is no script for provisioning with this id',
};
const TAKEN: Problem = {
  status: 409,
  code: 'name_taken',
  message: 'another script for provisioning has this name',
};
const FULL: Problem = {
  status: 409,
  code: 'too_many',
  message: `there are ${MAX_SCRIPTS} scripts for provisioning already`,
};

const invalid = (field: string, what: string): Problem => ({
  status: 422,
  code: 'invalid',
  message: `${field}: ${what}`,
});

const problemOf = (vms: Pick<Vms, 'get'>, body: ProvisioningCreate): Problem | undefined => {
  const { vm_id: vmId, selector } = body;
  if ((vmId === null) === (selector === null)) {
    return invalid('selector', 'say which VMs it is for, with this or vm_id, and not with both');
  }
  if (vmId !== null) {
    return vms.get(vmId) === undefined ? invalid('vm_id', 'is no VM') : undefined;
  }
  if (selector === null || selector.trim() === '') return undefined;
  const parsed = parseLabelSelector(selector);
  return parsed.ok ? undefined : invalid('selector', parsed.problem);
};

type By = Pick<ActorInput<unknown, unknown, unknown>, 'actor' | 'requestId' | 'remoteAddress'>;

/** Not the script itself: secrets may be in it. */
const audit = async (
  transaction: Queryable,
  { actor, requestId, remoteAddress }: By,
  action: string,
  { id, name, when, order, vm_id, selector, enabled }: Provisioning,
): Promise<void> =>
  recordAudit(transaction, {
    actor,
    action,
    target: { kind: 'provisioning_script', id, name },
    detail: { when, order, vm_id, selector, enabled },
    request: { requestId, remoteAddress },
  });

const querySchema = z.strictObject({
  limit: limitUpTo(MAX_PAGE, DEFAULT_PAGE),
  cursor: z.string().max(1024).optional().describe(cursorDescription),
});

const problems = {
  '409 name_taken': 'names are unique',
  '409 too_many': `there can be ${MAX_SCRIPTS}`,
};
const notFound = { '404 script_not_found': 'there is none with this id' };
const answer = { description: 'the script', schema: provisioningSchema };
const access = { action: 'provisioning.manage' } as const;

const makeChanges = (database: Database, vms: Pick<Vms, 'get'>) => ({
  create: async (input: By & { readonly body: ProvisioningCreate }): Promise<Answer> => {
    const problem = problemOf(vms, input.body);
    if (problem !== undefined) return refuse(problem);
    return database.transaction(async (transaction) => {
      if ((await countScripts(transaction)) >= MAX_SCRIPTS) return refuse(FULL);
      const script = await insertScript(transaction, input.body);
      if (script === undefined) return refuse(TAKEN);
      await audit(transaction, input, 'provisioning_script.create', script);
      return { ok: true, status: 201, body: script };
    });
  },
  change: async (
    input: By & {
      readonly body: z.infer<typeof provisioningPatchSchema>;
      readonly params: { readonly id: string };
    },
  ): Promise<Answer> =>
    database.transaction(async (transaction) => {
      const before = await getScript(transaction, input.params.id);
      if (before === undefined) return refuse(NOT_FOUND);
      const { id, created_at: _made, updated_at: _changed, ...fields } = before;
      const after = provisioningCreateSchema.parse({ ...fields, ...input.body });
      const problem = problemOf(vms, after);
      if (problem !== undefined) return refuse(problem);
      const script = await updateScript(transaction, id, after);
      if (script === undefined) return refuse(TAKEN);
      await audit(transaction, input, 'provisioning_script.update', script);
      return { ok: true, status: 200, body: script };
    }),
  remove: async (input: By & { readonly params: { readonly id: string } }): Promise<Answer> =>
    database.transaction(async (transaction) => {
      const script = await getScript(transaction, input.params.id);
      if (script === undefined) return refuse(NOT_FOUND);
      await deleteScript(transaction, script.id);
      await audit(transaction, input, 'provisioning_script.delete', script);
      return { ok: true, status: 204 };
    }),
});

export const makeScriptRoutes = ({
  database,
  vms,
}: {
  readonly database: Database;
  readonly vms: Pick<Vms, 'get'>;
}): readonly AnyRoute[] => {
  const changes = makeChanges(database, vms);
  return [
    defineRoute({
      method: 'get',
      path: '/v1/provisioning',
      tag,
      summary: 'Scripts for provisioning, in the order in which they run',
      access,
      params: nothing,
      query: querySchema,
      body: nothing,
      answers: { 200: { description: 'a page of them', schema: pageOf(provisioningSchema) } },
      handle: async ({ query: { limit, cursor } }) => {
        const place = cursor === undefined ? undefined : decodePlace(cursor);
        if (cursor !== undefined && place === undefined) {
          const message = 'cursor: must be the next_cursor of the page before';
          return refuse({ status: 422, code: 'invalid', message });
        }
        // One more than asked for tells whether there is a next page.
        const found = await listScripts(database, place, limit + 1);
        const items = found.slice(0, limit);
        const last = found.length > limit ? items.at(-1) : undefined;
        const next = last === undefined ? null : encodePlace(last);
        return { ok: true, status: 200, body: { items, next_cursor: next } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/provisioning',
      tag,
      summary: 'Adds a script that runs when VMs enrol or start anew',
      access,
      params: nothing,
      query: nothing,
      body: storableCommand(provisioningCreateSchema),
      maxBodyBytes: MAX_RUN_BODY_BYTES,
      answers: { 201: answer },
      problems,
      handle: changes.create,
    }),
    defineRoute({
      method: 'get',
      path: '/v1/provisioning/:id',
      tag,
      summary: 'A script for provisioning',
      access,
      params: idParams,
      query: nothing,
      body: nothing,
      answers: { 200: answer },
      problems: notFound,
      handle: async ({ params }) => {
        const script = await getScript(database, params.id);
        return script === undefined ? refuse(NOT_FOUND) : { ok: true, status: 200, body: script };
      },
    }),
    defineRoute({
      method: 'patch',
      path: '/v1/provisioning/:id',
      tag,
      summary: 'Changes a script for provisioning; where it has run, it has run',
      access,
      params: idParams,
      query: nothing,
      body: storableCommand(provisioningPatchSchema),
      maxBodyBytes: MAX_RUN_BODY_BYTES,
      answers: { 200: answer },
      problems: { ...notFound, ...problems },
      handle: changes.change,
    }),
    defineRoute({
      method: 'delete',
      path: '/v1/provisioning/:id',
      tag,
      summary: 'Deletes a script for provisioning; what it did stays known',
      access,
      params: idParams,
      query: nothing,
      body: nothing,
      answers: { 204: { description: 'it is deleted' } },
      problems: notFound,
      handle: changes.remove,
    }),
  ];
};

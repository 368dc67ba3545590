/** Saved commands: `/v1/commands`. */
import {
  commandCreateSchema,
  commandSchema,
  MAX_PAGE,
  pageOf,
  type Command,
  type CommandCreate,
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
import { parseLabelSelector } from '../../vms/label-selector.ts';
import { storableCommand } from '../../vms/storable-text.ts';
import { mayUse } from '../begin-run.ts';
import { commandProblem } from '../placeholders.ts';
import { deleteCommand } from '../sql/delete-command.ts';
import { countCommands } from '../sql/count-commands.ts';
import { getCommand } from '../sql/get-command.ts';
import { insertCommand } from '../sql/insert-command.ts';
import { listCommands } from '../sql/list-commands.ts';
import { updateCommand } from '../sql/update-command.ts';
import { invalid } from '../what-to-run.ts';
import { decodeName, encodeName } from './command-cursor.ts';
import { MAX_RUN_BODY_BYTES } from './run-params.ts';

const tag = 'Saved commands';
const NOT_FOUND: Problem = {
  status: 404,
  code: 'command_not_found',
  message: 'there is no saved command with this id',
};
const TAKEN: Problem = {
  status: 409,
  code: 'name_taken',
  message: 'another saved command has this name',
};
const NO_CURSOR: Problem = {
  status: 422,
  code: 'invalid',
  message: 'cursor: must be the next_cursor of the page before',
};
/** More than anybody chooses from. */
const MAX_COMMANDS = MAX_PAGE;
const RUN_BY = ['operator', 'admin'] as const;
const pageQuery = z.strictObject({
  limit: limitUpTo(MAX_PAGE, MAX_PAGE),
  cursor: z.string().max(1024).optional().describe(cursorDescription),
});
const FULL: Problem = {
  status: 409,
  code: 'too_many',
  message: `there are ${MAX_COMMANDS} saved commands already`,
};
const notYours = ({ run_by: runBy }: Pick<Command, 'run_by'>): Problem => ({
  status: 403,
  code: 'forbidden',
  message: `this command is for the role ${runBy}`,
});

const problemOf = (
  actor: ActorInput<unknown, unknown, unknown>['actor'],
  body: CommandCreate,
): Problem | undefined => {
  const problem = commandProblem(body);
  if (problem !== undefined) return invalid(problem.field, problem.message);
  if (body.only_on !== null) {
    const parsed = parseLabelSelector(body.only_on);
    if (!parsed.ok) return invalid('only_on', parsed.problem);
  }
  return mayUse(actor, body) ? undefined : notYours(body);
};

type By = Pick<ActorInput<unknown, unknown, unknown>, 'actor' | 'requestId' | 'remoteAddress'>;

const audit = async (
  transaction: Queryable,
  { actor, requestId, remoteAddress }: By,
  action: string,
  { id, name, run_by }: Command,
): Promise<void> =>
  recordAudit(transaction, {
    actor,
    action,
    target: { kind: 'command', id, name },
    detail: { run_by },
    request: { requestId, remoteAddress },
  });

export const makeCommandRoutes = (database: Database): readonly AnyRoute[] => {
  const create = async (input: By & { readonly body: CommandCreate }): Promise<Answer> => {
    const problem = problemOf(input.actor, input.body);
    if (problem !== undefined) return refuse(problem);
    return database.transaction(async (transaction) => {
      if ((await countCommands(transaction)) >= MAX_COMMANDS) return refuse(FULL);
      const command = await insertCommand(transaction, input.body);
      if (command === undefined) return refuse(TAKEN);
      await audit(transaction, input, 'command.create', command);
      return { ok: true, status: 201, body: command };
    });
  };

  const replace = async (
    input: By & { readonly body: CommandCreate; readonly params: { readonly id: string } },
  ): Promise<Answer> => {
    const problem = problemOf(input.actor, input.body);
    if (problem !== undefined) return refuse(problem);
    const { id } = input.params;
    return database.transaction(async (transaction) => {
      const before = await getCommand(transaction, id);
      if (before === undefined) return refuse(NOT_FOUND);
      if (!mayUse(input.actor, before)) return refuse(notYours(before));
      const command = await updateCommand(transaction, id, input.body);
      if (command === undefined) return refuse(TAKEN);
      await audit(transaction, input, 'command.update', command);
      return { ok: true, status: 200, body: command };
    });
  };

  const remove = async (
    input: By & { readonly params: { readonly id: string } },
  ): Promise<Answer> =>
    database.transaction(async (transaction) => {
      const command = await getCommand(transaction, input.params.id);
      if (command === undefined) return refuse(NOT_FOUND);
      if (!mayUse(input.actor, command)) return refuse(notYours(command));
      await deleteCommand(transaction, command.id);
      await audit(transaction, input, 'command.delete', command);
      return { ok: true, status: 204 };
    });

  const manage = { action: 'command.manage' } as const;
  const read = { action: 'command.read' } as const;
  const answer = { description: 'the command', schema: commandSchema };
  const problems = {
    '409 name_taken': 'names are unique',
    '409 too_many': `at most ${MAX_COMMANDS} can be saved`,
  };
  const maxBodyBytes = MAX_RUN_BODY_BYTES;
  const notFound = { '404 command_not_found': 'there is none with this id' };
  return [
    defineRoute({
      method: 'get',
      path: '/v1/commands',
      tag,
      summary: 'Saved commands that one may run, by name',
      access: read,
      params: nothing,
      query: pageQuery,
      body: nothing,
      answers: { 200: { description: 'a page of them', schema: pageOf(commandSchema) } },
      handle: async ({ actor, query: { limit, cursor } }) => {
        const after = cursor === undefined ? undefined : decodeName(cursor);
        if (cursor !== undefined && after === undefined) return refuse(NO_CURSOR);
        const runBy = RUN_BY.filter((role) => mayUse(actor, { run_by: role }));
        // One more than asked for tells whether there is a next page.
        const found = await listCommands(database, { runBy, after, limit: limit + 1 });
        const items = found.slice(0, limit);
        const last = found.length > limit ? items.at(-1) : undefined;
        const next = last === undefined ? null : encodeName(last.name);
        return { ok: true, status: 200, body: { items, next_cursor: next } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/commands',
      tag,
      summary: 'Saves a command',
      access: manage,
      params: nothing,
      query: nothing,
      body: storableCommand(commandCreateSchema),
      maxBodyBytes,
      answers: { 201: answer },
      problems,
      handle: create,
    }),
    defineRoute({
      method: 'put',
      path: '/v1/commands/:id',
      tag,
      summary: 'Replaces a saved command',
      access: manage,
      params: idParams,
      query: nothing,
      body: storableCommand(commandCreateSchema),
      maxBodyBytes,
      answers: { 200: answer },
      problems: { ...problems, ...notFound },
      handle: replace,
    }),
    defineRoute({
      method: 'delete',
      path: '/v1/commands/:id',
      tag,
      summary: 'Deletes a saved command; its runs stay',
      access: manage,
      params: idParams,
      query: nothing,
      body: nothing,
      answers: { 204: { description: 'it is deleted' } },
      problems: notFound,
      handle: remove,
    }),
  ];
};

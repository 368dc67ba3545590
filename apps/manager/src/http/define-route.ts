/**
 * Makes a route of a table from its definition. The types of parameters, query and body come from
 * the schemas, and what the handler gets from `access`: an actor, a VM.
 */
import type { Actor } from '../auth/actor.ts';
import { authorize, type Action } from '../auth/authorize.ts';
import { parseInput } from './parse-input.ts';
import { refuse, type Problem } from './problem.ts';
import type {
  ActorRoute,
  Answer,
  AnyRoute,
  Asked,
  Input,
  PublicRoute,
  RouteFacts,
  VmRoute,
} from './route.ts';
import type { z } from 'zod';

interface Schemas<Params, Query, Body> extends RouteFacts {
  readonly params: z.ZodType<Params>;
  readonly query: z.ZodType<Query>;
  readonly body: z.ZodType<Body>;
}

const FORBIDDEN = (action: Action, actor: Actor): Problem => ({
  status: 403,
  code: 'forbidden',
  message:
    actor.scope === undefined
      ? `the role ${actor.role} may not do this (${action})`
      : `the role ${actor.role} with the scope ${actor.scope.text} may not do this (${action})`,
});

const VM_NOT_FOUND: Problem = {
  status: 404,
  code: 'vm_not_found',
  message: 'there is no VM with this id',
};

/** Only a mistake in the mounting of routes gets here: it authenticates before it asks. */
const actorOf = (asked: Asked): Actor => {
  if (asked.actor === undefined) throw new Error('a route that is not public got no actor');
  return asked.actor;
};

const parseRest = async <Params, Query, Body>(
  route: Schemas<Params, Query, Body>,
  params: Params,
  asked: Asked,
): Promise<{ ok: true; input: Input<Params, Query, Body> } | { ok: false; problem: Problem }> => {
  const query = parseInput('query', route.query, asked.query);
  if (!query.ok) return query;
  const read = await asked.readBody();
  if (!read.ok) return read;
  const body = parseInput('body', route.body, read.body);
  if (!body.ok) return body;
  const { requestId, remoteAddress, header, signal } = asked;
  return {
    ok: true,
    input: {
      requestId,
      remoteAddress,
      header,
      signal,
      params,
      query: query.value,
      body: body.value,
    },
  };
};

const answerPublic = async <Params, Query, Body>(
  route: PublicRoute<Params, Query, Body>,
  asked: Asked,
): Promise<Answer> => {
  const params = parseInput('path', route.params, asked.params);
  if (!params.ok) return params;
  const rest = await parseRest(route, params.value, asked);
  return rest.ok ? route.handle(rest.input) : rest;
};

const answerActor = async <Params, Query, Body>(
  route: ActorRoute<Params, Query, Body>,
  asked: Asked,
): Promise<Answer> => {
  const actor = actorOf(asked);
  if (route.access !== 'signed-in' && !authorize(actor, route.access.action, undefined)) {
    return refuse(FORBIDDEN(route.access.action, actor));
  }
  const params = parseInput('path', route.params, asked.params);
  if (!params.ok) return params;
  const rest = await parseRest(route, params.value, asked);
  return rest.ok ? route.handle({ ...rest.input, actor }) : rest;
};

const answerVm = async <Params extends { readonly id: string }, Query, Body>(
  route: VmRoute<Params, Query, Body>,
  asked: Asked,
): Promise<Answer> => {
  const actor = actorOf(asked);
  const { action } = route.access;
  // Before anything is looked up: this answer must not tell whether there is such a VM.
  if (!authorize(actor, action, undefined)) return refuse(FORBIDDEN(action, actor));
  const params = parseInput('path', route.params, asked.params);
  if (!params.ok) return params;
  const vm = asked.findVm(params.value.id);
  if (vm === undefined || !authorize(actor, 'vm.read', vm)) return refuse(VM_NOT_FOUND);
  if (!authorize(actor, action, vm)) return refuse(FORBIDDEN(action, actor));
  const rest = await parseRest(route, params.value, asked);
  return rest.ok ? route.handle({ ...rest.input, actor, vm }) : rest;
};

type Definition<Params extends { readonly id: string }, Query, Body> =
  | PublicRoute<Params, Query, Body>
  | ActorRoute<Params, Query, Body>
  | VmRoute<Params, Query, Body>;

const isPublic = <Params extends { readonly id: string }, Query, Body>(
  route: Definition<Params, Query, Body>,
): route is PublicRoute<Params, Query, Body> => route.access === 'public';

const isAboutVm = <Params extends { readonly id: string }, Query, Body>(
  route: Definition<Params, Query, Body>,
): route is VmRoute<Params, Query, Body> =>
  typeof route.access === 'object' && route.access.vm === 'id';

export function defineRoute<Params, Query, Body>(route: PublicRoute<Params, Query, Body>): AnyRoute;
export function defineRoute<Params extends { readonly id: string }, Query, Body>(
  route: VmRoute<Params, Query, Body>,
): AnyRoute;
export function defineRoute<Params, Query, Body>(route: ActorRoute<Params, Query, Body>): AnyRoute;
export function defineRoute<Params extends { readonly id: string }, Query, Body>(
  route: Definition<Params, Query, Body>,
): AnyRoute {
  const { method, path, tag, summary, answers, problems, maxBodyBytes, timeoutMs, isStream } =
    route;
  const { access, params, query, body } = route;
  return {
    method,
    path,
    tag,
    summary,
    answers,
    ...(problems !== undefined && { problems }),
    ...(maxBodyBytes !== undefined && { maxBodyBytes }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(isStream !== undefined && { isStream }),
    access,
    params,
    query,
    body,
    answer: (asked) => {
      if (isPublic(route)) return answerPublic(route, asked);
      if (isAboutVm(route)) return answerVm(route, asked);
      return answerActor(route, asked);
    },
  };
}

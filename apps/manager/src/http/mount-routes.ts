/** Turns the table of routes into an express router. What a route demands is asked for in here. */
import { Router, type Request, type Response } from 'express';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Actor } from '../auth/actor.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { csrfProblem, isSafeMethod } from './csrf.ts';
import { refuse, type Problem } from './problem.ts';
import { parseQuery } from './parse-query.ts';
import { DEFAULT_MAX_BODY_BYTES, readJsonBody } from './read-body.ts';
import type { Answer, AnyRoute, RequestFacts } from './route.ts';
import { sendAnswer, sendProblem } from './send-answer.ts';
import { withDeadline } from './with-deadline.ts';

/** What is known of a request before a route has it, and what the log wants to know afterwards. */
export interface RequestState {
  readonly facts: RequestFacts;
  route: AnyRoute | undefined;
  actor: Actor | undefined;
}

export interface MountOptions {
  readonly routes: readonly AnyRoute[];
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  readonly findVm: (id: string) => VmRecord | undefined;
  readonly stateOf: (request: Request) => RequestState;
  readonly onTimeout: (state: RequestState) => void;
  /** An error that came after its request had been answered for lack of time. */
  readonly onLateError: (error: unknown, state: RequestState) => void;
}

const DEFAULT_TIMEOUT_MS = 15_000;

const TIMED_OUT: Problem = {
  status: 504,
  code: 'timed_out',
  message: 'the answer was not ready in time',
};

const headerOf = (request: Request, name: string): string | undefined => {
  const value = request.headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
};

const identify = (
  route: AnyRoute,
  request: Request,
  authenticator: MountOptions['authenticator'],
): { ok: true; actor: Actor | undefined } | { ok: false; problem: Problem } => {
  if (route.access === 'public') return { ok: true, actor: undefined };
  const { authorization, cookie } = request.headers;
  const found = authenticator.authenticate({ authorization, cookie });
  if (!found.ok) return found;
  if (!isSafeMethod(request.method)) {
    const problem = csrfProblem(found.csrfToken, headerOf(request, 'x-csrf-token'));
    if (problem !== undefined) return refuse(problem);
  }
  return { ok: true, actor: found.actor };
};

/** `/v1/vms/search` before `/v1/vms/:id`, whatever their order in the table. */
const sortKey = (path: string): string => path.replaceAll('/:', '/\uFFFF');

const groupByPath = (routes: readonly AnyRoute[]): Map<string, AnyRoute[]> => {
  const byPath = new Map<string, AnyRoute[]>();
  for (const route of routes) {
    const group = byPath.get(route.path) ?? [];
    if (group.some(({ method }) => method === route.method)) {
      throw new Error(`${route.method} ${route.path} is in the table of routes twice`);
    }
    byPath.set(route.path, [...group, route]);
  }
  return byPath;
};

const methodsOf = (group: readonly AnyRoute[]): string => {
  const methods = group.map(({ method }) => method.toUpperCase());
  if (methods.includes('GET')) methods.push('HEAD');
  return [...methods, 'OPTIONS'].toSorted().join(', ');
};

const answerOtherMethod = (request: Request, response: Response, allow: string): void => {
  if (request.method === 'OPTIONS') {
    // Without access-control headers: pages of other sites may not call.
    sendAnswer(response, { ok: true, status: 204, headers: { allow } });
    return;
  }
  sendProblem(response, {
    status: 405,
    code: 'method_not_allowed',
    message: `${request.method} is not possible here; accepted are ${allow}`,
    headers: { allow },
  });
};

export const mountRoutes = (options: MountOptions): Router => {
  const { routes, authenticator, findVm, stateOf, onTimeout, onLateError } = options;
  const router = Router({ caseSensitive: true, strict: true });

  const ask = async (
    route: AnyRoute,
    state: RequestState,
    request: Request,
    signal: AbortSignal,
  ): Promise<Answer> => {
    const identified = identify(route, request, authenticator);
    if (!identified.ok) return identified;
    state.actor = identified.actor;
    return route.answer({
      ...state.facts,
      params: request.params,
      query: parseQuery(request.originalUrl),
      readBody: () => readJsonBody(request, route.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES),
      header: (name) => headerOf(request, name),
      signal,
      actor: identified.actor,
      findVm,
    });
  };

  const serve = async (route: AnyRoute, request: Request, response: Response): Promise<void> => {
    const state = stateOf(request);
    state.route = route;
    const outcome = await withDeadline(
      response,
      route.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      (signal) => ask(route, state, request, signal),
      (error) => onLateError(error, state),
    );
    if (outcome.ok) {
      sendAnswer(response, outcome.value);
      return;
    }
    onTimeout(state);
    sendProblem(response, TIMED_OUT);
  };

  const groups = [...groupByPath(routes)].toSorted(([one], [other]) =>
    sortKey(one) < sortKey(other) ? -1 : 1,
  );
  for (const [path, group] of groups) {
    const mounted = router.route(path);
    const allow = methodsOf(group);
    // What the handler throws goes on to the error handler: express 5 awaits it.
    for (const route of group) {
      mounted[route.method]((request, response) => serve(route, request, response));
    }
    mounted.all((request, response) => answerOtherMethod(request, response, allow));
  }
  return router;
};

/** Turns the table of routes into an express router. What a route demands is asked for in here. */
import { Router, type Request, type Response } from 'express';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Actor } from '../auth/actor.ts';
import type { Clock } from '../clock.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import type { AnswerStreams, StreamPlace } from './answer-streams.ts';
import { csrfProblem, isSafeMethod } from './csrf.ts';
import { refuse, type Problem } from './problem.ts';
import { parseQuery } from './parse-query.ts';
import { DEFAULT_MAX_BODY_BYTES, readJsonBody } from './read-body.ts';
import type { Answer, AnyRoute, RequestFacts, StreamAnswer } from './route.ts';
import { sendAnswer, sendProblem } from './send-answer.ts';
import { sendStream } from './send-stream.ts';
import { withDeadline } from './with-deadline.ts';

/** What is known of a request before a route has it, and what the log wants to know afterwards. */
export interface RequestState {
  readonly facts: RequestFacts;
  route: AnyRoute | undefined;
  actor: Actor | undefined;
  /** Of an answer that lasts: when it began. */
  streamingSinceMs: number | undefined;
  place: StreamPlace | undefined;
}

export const newRequestState = (facts: RequestFacts): RequestState => ({
  facts,
  route: undefined,
  actor: undefined,
  streamingSinceMs: undefined,
  place: undefined,
});

export interface MountOptions {
  readonly routes: readonly AnyRoute[];
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  readonly findVm: (id: string) => VmRecord | undefined;
  readonly stateOf: (request: Request) => RequestState;
  readonly streams: Pick<AnswerStreams, 'enter'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
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

const TOO_MANY_STREAMS: Problem = {
  status: 429,
  code: 'too_many_streams',
  message: 'too many streams are open: end one, or try again later',
  headers: { 'retry-after': '5' },
};

const isStream = (answer: Answer): answer is StreamAnswer => answer.ok && 'stream' in answer;

/** A place among the streams; undefined: there are too many. */
const enterStream = (
  streams: Pick<AnswerStreams, 'enter'>,
  { path, access }: AnyRoute,
  actor: Actor | undefined,
  id: string | string[] | undefined,
): StreamPlace | undefined => {
  if (actor === undefined || typeof access !== 'object') {
    throw new Error(`${path}: a stream needs an action, by which it ends`);
  }
  const vmId = access.vm === 'id' && typeof id === 'string' ? id.toLowerCase() : undefined;
  return streams.enter({ actor, action: access.action, vmId });
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
  const { routes, authenticator, findVm, stateOf, streams, clock, onTimeout, onLateError } =
    options;
  const router = Router({ caseSensitive: true, strict: true });

  const ask = async (
    route: AnyRoute,
    state: RequestState,
    request: Request,
    signal: AbortSignal,
  ): Promise<Answer> => {
    const identified = identify(route, request, authenticator);
    if (!identified.ok) return identified;
    const { actor } = identified;
    state.actor = actor;
    if (route.isStream === true) {
      state.place = enterStream(streams, route, actor, request.params['id']);
      if (state.place === undefined) return refuse(TOO_MANY_STREAMS);
    }
    const answer = await route.answer({
      ...state.facts,
      params: request.params,
      query: parseQuery(request.originalUrl),
      readBody: () => readJsonBody(request, route.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES),
      header: (name) => headerOf(request, name),
      signal,
      actor,
      findVm,
    });
    if (!signal.aborted || !isStream(answer)) return answer;
    // Nobody waits for it any more, and what it holds must be given back.
    await answer.stream({ signal, write: async () => undefined });
    return refuse(TIMED_OUT);
  };

  const serve = async (route: AnyRoute, request: Request, response: Response): Promise<void> => {
    const state = stateOf(request);
    state.route = route;
    try {
      const outcome = await withDeadline(
        response,
        route.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        (signal) => ask(route, state, request, signal),
        (error) => onLateError(error, state),
      );
      if (!outcome.ok) {
        onTimeout(state);
        sendProblem(response, TIMED_OUT);
      } else if (isStream(outcome.value)) {
        if (state.place === undefined) throw new Error(`${route.path} is no route of a stream`);
        state.streamingSinceMs = clock.monotonicMs();
        await sendStream(response, outcome.value, state.place, request.method === 'HEAD');
      } else {
        sendAnswer(response, outcome.value);
      }
    } finally {
      state.place?.leave();
    }
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

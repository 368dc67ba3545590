/**
 * The express application: what every request goes through before and after its route, and the
 * one error handler.
 */
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { DatabaseUnavailable } from '../database/database.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../clock.ts';
import { isSafeMethod } from './csrf.ts';
import { hostProblem, originProblem } from './hosts-allowed.ts';
import {
  mountRoutes,
  newRequestState,
  type MountOptions,
  type RequestState,
} from './mount-routes.ts';
import { remoteAddressOf } from './remote-address.ts';
import { requestIdOf } from './request-id.ts';
import { PAGE_CSP, setSecurityHeaders } from './security-headers.ts';
import { sendProblem } from './send-answer.ts';

/** What the metrics count of a request. */
export interface AnsweredRequest {
  readonly method: string;
  /** Its pattern; undefined: of no route. */
  readonly route: string | undefined;
  /** Undefined: the caller went before the answer was complete. */
  readonly status: number | undefined;
  readonly seconds: number;
}

export interface AppOptions extends Pick<
  MountOptions,
  'routes' | 'authenticator' | 'findVm' | 'streams'
> {
  readonly publicUrl: URL | undefined;
  /** Serves what is no route: the files of the UI. Calls `next` for what it does not have. */
  readonly pages?: RequestHandler;
  readonly onAnswered?: (seen: AnsweredRequest) => void;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Log;
}

/** What heeded the signal and gave up, because its caller has gone or its time was over. */
const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** Of express, for a path such as /%E0%A4%A. */
const isUndecodablePath = (error: unknown): boolean => error instanceof URIError;

export const makeApp = (options: AppOptions): express.Express => {
  const { routes, authenticator, findVm, streams, publicUrl, pages, onAnswered, clock, log } =
    options;
  const states = new WeakMap<Request, RequestState>();

  const stateOf = (request: Request): RequestState => {
    const state = states.get(request);
    if (state === undefined) throw new Error('a request has not gone through begin');
    return state;
  };

  const noteAnswer = (request: Request, response: Response, startedAt: number): void => {
    const { facts, route, actor, streamingSinceMs } = stateOf(request);
    const { method } = request;
    // What lasts as long as somebody reads says nothing about how fast the manager answers.
    const ms = (streamingSinceMs ?? clock.monotonicMs()) - startedAt;
    const isComplete = response.writableFinished || streamingSinceMs !== undefined;
    const status = isComplete ? response.statusCode : undefined;
    // Its pattern: a path has ids in it, and whatever a stranger likes to write there.
    const pattern = route?.path;
    onAnswered?.({ method, route: pattern, status, seconds: ms / 1000 });
    const fields = {
      request_id: facts.requestId,
      method,
      route: pattern,
      status,
      ms: Math.round(ms),
      actor_id: actor?.id,
      remote_address: facts.remoteAddress,
    };
    const hasChanged = !isSafeMethod(request.method) && response.statusCode < 400;
    if (!isComplete) log.debug('request abandoned', fields);
    else if (hasChanged && route !== undefined) log.info('request changed something', fields);
    else log.debug('request', fields);
  };

  const begin = (request: Request, response: Response, next: NextFunction): void => {
    const startedAt = clock.monotonicMs();
    const facts = {
      requestId: requestIdOf(request.headers['x-request-id']),
      remoteAddress: remoteAddressOf(request, publicUrl),
    };
    states.set(request, newRequestState(facts));
    response.setHeader('x-request-id', facts.requestId);
    setSecurityHeaders(response);
    response.once('close', () => noteAnswer(request, response, startedAt));
    const { host, origin } = request.headers;
    const problem =
      hostProblem(host, { publicUrl }) ??
      (isSafeMethod(request.method) ? undefined : originProblem(origin, host, { publicUrl }));
    if (problem === undefined) next();
    else sendProblem(response, problem);
  };

  const notFound = (_request: Request, response: Response): void =>
    sendProblem(response, {
      status: 404,
      code: 'route_not_found',
      message: 'there is nothing under this path; /openapi.json lists what there is',
    });

  // Four parameters, although one is not used: that is how express knows an error handler.
  const onError = (error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const { facts, route } = stateOf(request);
    if (route === undefined && isUndecodablePath(error)) {
      const message = 'the path is not percent-encoded UTF-8';
      sendProblem(response, { status: 400, code: 'malformed_path', message });
      return;
    }
    if (error instanceof DatabaseUnavailable) {
      log.debug('request met no database', { request_id: facts.requestId });
      sendProblem(response, {
        status: 503,
        code: 'database_unavailable',
        message: 'the database cannot be reached; try again soon',
        headers: { 'retry-after': '2' },
      });
      return;
    }
    // Nobody is there any more to be answered; the access log has the request as abandoned.
    if (response.destroyed && isAbort(error)) return;
    const fields = { request_id: facts.requestId, method: request.method, route: route?.path };
    log.error('request failed', { ...fields, error });
    if (response.headersSent) {
      // Half an answer must not look like a whole one.
      response.destroy();
      return;
    }
    sendProblem(response, {
      status: 500,
      code: 'internal_error',
      message: `something went wrong in the manager; its log has it under ${facts.requestId}`,
    });
  };

  const app = express();
  app.disable('x-powered-by');
  // Answers are not cached, and a tag over each reading would be work for nothing.
  app.disable('etag');
  // Each route's schema parses the query.
  app.set('query parser', false);
  app.use(begin);
  app.use(
    mountRoutes({
      routes,
      authenticator,
      findVm,
      stateOf,
      streams,
      clock,
      onTimeout: ({ facts, route }) =>
        log.warn('request timed out', { request_id: facts.requestId, route: route?.path }),
      onLateError: (error, { facts, route }) => {
        if (isAbort(error)) return;
        const fields = { request_id: facts.requestId, route: route?.path };
        log.warn('request failed after its time was over', { ...fields, error });
      },
    }),
  );
  if (pages !== undefined) {
    app.use('/v1', notFound);
    app.use((_request, response, next) => {
      response.setHeader('content-security-policy', PAGE_CSP);
      next();
    });
    app.use(pages);
  }
  app.use(notFound);
  app.use(onError);
  return app;
};

/** `/exec`: starts a command, and lists those that there are. */
import type { CallerOf } from '../auth/caller.ts';
import { eventStream } from '../exec/event-stream.ts';
import { parseExecRequest } from '../exec/exec-request.ts';
import type { Execution } from '../exec/execution.ts';
import type { Executions } from '../exec/executions.ts';
import type { ExecSettings } from '../exec/prepare.ts';
import { resultAnswer } from '../exec/result-answer.ts';
import { jsonAnswer, refuse } from '../http/answer.ts';
import { parseJsonBody } from '../http/json-body.ts';
import { lateAnswer } from '../http/late-answer.ts';
import type { HttpRequest, HttpResponse, Refusal } from '../http/message.ts';
import type { Clock, TextCodec } from '../platform/platform.ts';
import { invalid, type Route } from './route.ts';

export interface ExecRouteDependencies {
  readonly executions: Executions;
  readonly settings: ExecSettings;
  readonly callerOf: CallerOf;
  readonly clock: Clock;
  readonly text: TextCodec;
}

/** Each may have a quarter of a megabyte waiting. */
const MAX_STREAMS = 32;

const ACCESS = { scope: 'exec', beforeEnrolment: 'nobody', openToLoopback: false } as const;

const execOff: Refusal = {
  status: 403,
  code: 'forbidden',
  message: 'commands are off on this machine (setting exec)',
};

const tooManyStreams: Refusal = {
  status: 429,
  code: 'busy',
  message: `${MAX_STREAMS} streams of commands are open`,
};

const EVENT_NUMBER = /^\d{1,15}$/u;

/** The number after which a client wants to go on; an empty header is a browser that has none yet. */
const afterOf = ({ query, headers }: HttpRequest): number | undefined => {
  const header = headers.get('last-event-id');
  const given = query.get('after')?.[0] ?? (header === '' ? undefined : header) ?? '0';
  return EVENT_NUMBER.test(given) ? Number(given) : undefined;
};

const idOf = ({ path }: HttpRequest): string => path.split('/')[2] ?? '';

const unknownId: Refusal = {
  status: 404,
  code: 'not_found',
  message: 'there is no execution with this id, or none any more',
};

export const makeExecRoutes = (dependencies: ExecRouteDependencies): readonly Route[] => {
  const { executions, settings, callerOf, clock, text } = dependencies;
  let open = 0;

  const streamOf = (execution: Execution, after: number): HttpResponse =>
    eventStream({
      execution,
      after,
      clock,
      onOpen: () => {
        open += 1;
      },
      onClosed: () => {
        open -= 1;
      },
    });

  const start = async (request: HttpRequest): Promise<HttpResponse> => {
    if (!settings.isOn) return refuse(execOff);
    const body = parseJsonBody(request.body, text);
    if (!body.ok) return refuse(body.refusal);
    const parsed = parseExecRequest(body.value, settings);
    if (!parsed.ok) return refuse(invalid(parsed.problem));
    const isStream = request.headers.get('accept')?.includes('text/event-stream') === true;
    if (isStream && open >= MAX_STREAMS) return refuse(tooManyStreams);
    const started = await executions.run(parsed.request, callerOf(request.headers).subject);
    if (!started.ok) return refuse(started.refusal);
    const { execution } = started;
    if (isStream) return streamOf(execution, 0);
    return lateAnswer(
      execution.over.then(() => resultAnswer(execution, clock)),
      clock,
    );
  };

  const byId = (request: HttpRequest): HttpResponse => {
    const { method, query } = request;
    const execution = executions.find(idOf(request));
    if (execution === undefined) return refuse(unknownId);
    if (method === 'DELETE') {
      execution.stop();
      return jsonAnswer(execution.document());
    }
    const output = query.get('output')?.[0] ?? 'true';
    if (output !== 'true' && output !== 'false') {
      return refuse(invalid('output must be true or false'));
    }
    return output === 'true' ? resultAnswer(execution, clock) : jsonAnswer(execution.document());
  };

  const events = (request: HttpRequest): HttpResponse => {
    const execution = executions.find(idOf(request));
    if (execution === undefined) return refuse(unknownId);
    const after = afterOf(request);
    if (after === undefined) {
      return refuse(invalid('after and Last-Event-ID must be the number of an event'));
    }
    return open >= MAX_STREAMS ? refuse(tooManyStreams) : streamOf(execution, after);
  };

  return [
    {
      path: '/exec',
      methods: ['GET', 'POST'],
      access: ACCESS,
      query: [],
      handle: (request) =>
        request.method === 'POST' ? start(request) : jsonAnswer({ items: executions.list() }),
    },
    {
      path: '/exec/:id',
      methods: ['GET', 'DELETE'],
      access: ACCESS,
      query: ['output'],
      handle: byId,
    },
    {
      path: '/exec/:id/events',
      methods: ['GET'],
      access: ACCESS,
      query: ['after'],
      handle: events,
    },
  ];
};

/** The manager's express application on a loopback port, with what a test leaves out made up. */
import { errorBodySchema } from '@innkeeper/protocol';
import type { Authenticator } from '../../apps/manager/src/auth/authenticator.ts';
import { makeAnswerStreams } from '../../apps/manager/src/http/answer-streams.ts';
import { makeApp, type AppOptions } from '../../apps/manager/src/http/app.ts';
import { listen } from '../../apps/manager/src/http/listen.ts';
import type { Log, LogFields } from '../../apps/manager/src/log.ts';
import { ask, type HttpQuestion, type HttpReply } from './http-client.ts';

export interface LoggedLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: LogFields;
}

export const makeRecordingLog = (): { log: Log; lines: LoggedLine[] } => {
  const lines: LoggedLine[] = [];
  const at =
    (level: keyof Log) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields });
    };
  return {
    lines,
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
  };
};

/** Knows nobody. */
export const refuseAll: Authenticator = {
  authenticate: () => ({
    ok: false,
    problem: { status: 401, code: 'unauthenticated', message: 'nobody is known here' },
  }),
  stillValid: () => false,
  onEnded: () => () => {},
};

/** `404 vm_not_found`; the status alone where it is no error. */
export const outcomeOf = (reply: HttpReply): string =>
  reply.status < 400
    ? String(reply.status)
    : `${reply.status} ${errorBodySchema.parse(reply.json()).error.code}`;

export const messageOf = (reply: HttpReply): string =>
  errorBodySchema.parse(reply.json()).error.message;

export interface JsonQuestion extends Omit<HttpQuestion, 'body'> {
  readonly token?: string;
  readonly json?: unknown;
  readonly body?: string;
}

export interface ServedApp {
  readonly host: string;
  readonly port: number;
  readonly lines: readonly LoggedLine[];
  ask(path: string, question?: JsonQuestion): Promise<HttpReply>;
  stop(): Promise<void>;
}

/** Headers of a question whose body is JSON and whose asker has a token. */
export const toHttp = ({ token, json, ...rest }: JsonQuestion): HttpQuestion => {
  const body = json === undefined ? rest.body : JSON.stringify(json);
  const isChunked = rest.headers?.['transfer-encoding'] !== undefined;
  return {
    ...rest,
    ...(body !== undefined && { body }),
    headers: {
      ...(json !== undefined && { 'content-type': 'application/json' }),
      // Node frames the body of a DELETE only when it is told how long it is.
      ...(body !== undefined && !isChunked && { 'content-length': `${Buffer.byteLength(body)}` }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...rest.headers,
    },
  };
};

export const serveApp = async (
  options: Partial<AppOptions> & Pick<AppOptions, 'routes'>,
): Promise<ServedApp> => {
  const { log, lines } = makeRecordingLog();
  const handler = makeApp({
    authenticator: refuseAll,
    findVm: () => undefined,
    streams: makeAnswerStreams({ authenticator: refuseAll, vms: { onChange: () => () => {} } }),
    publicUrl: undefined,
    clock: { monotonicMs: () => performance.now() },
    log,
    ...options,
  });
  const served = await listen({ handler, host: '127.0.0.1', port: 0, log, stopWithinMs: 2_000 });
  if (!served.ok) throw new Error(served.problem);
  const { host, port } = served.listening;
  return {
    host,
    port,
    lines,
    ask: (path, question = {}) => ask({ host, port }, path, toHttp(question)),
    stop: () => served.listening.stop(),
  };
};

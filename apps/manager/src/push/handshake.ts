/**
 * Who may begin a connection, before anybody has signed in: our own pages and programs, as many as
 * fit, and without secrets in the URL, where proxies and histories keep them.
 */
import type { IncomingMessage } from 'node:http';

export interface HandshakeDependencies {
  readonly isHostAllowed: (host: string | undefined) => boolean;
  /** Undefined: the client sent none, as programs do. */
  readonly isOriginAllowed: (origin: string | undefined, host: string | undefined) => boolean;
  readonly hasRoom: () => boolean;
  readonly isStopping: () => boolean;
}

export type HandshakeRefusal =
  | 'stopping'
  | 'token_in_url'
  | 'host'
  | 'origin'
  /** Answers that another origin's page could load as a script, with the cookie of its visitor. */
  | 'jsonp'
  | 'too_many';

/** What engine.io and socket.io-client put there themselves. */
const OWN_PARAMETERS = new Set(['EIO', 'transport', 't', 'sid', 'b64']);
const SECRET = /token|auth|session|secret|password|key|code|cookie|jwt/iu;

/** Read as engine.io reads it. Only the names are looked at, and none is told back. */
const parametersOf = (url: string | undefined): string[] => [
  ...new URL(url ?? '/', 'http://localhost').searchParams.keys(),
];

const isSecret = (name: string): boolean => !OWN_PARAMETERS.has(name) && SECRET.test(name);

export const HANDSHAKE_MESSAGES: Readonly<Record<HandshakeRefusal, string>> = {
  stopping: 'the manager is stopping',
  token_in_url: 'a token must not stand in the URL: send it as auth.token',
  host: 'this manager is not known by that host name',
  origin: 'this origin may not connect',
  jsonp: 'JSONP is not possible here',
  too_many: 'too many connections: try again later',
};

export const checkHandshake = (
  request: Pick<IncomingMessage, 'url' | 'headers'>,
  { isHostAllowed, isOriginAllowed, hasRoom, isStopping }: HandshakeDependencies,
): HandshakeRefusal | undefined => {
  const { host, origin } = request.headers;
  if (isStopping()) return 'stopping';
  if (!isHostAllowed(host)) return 'host';
  if (!isOriginAllowed(origin, host)) return 'origin';
  const parameters = parametersOf(request.url);
  if (parameters.includes('j')) return 'jsonp';
  if (parameters.some(isSecret)) return 'token_in_url';
  if (!hasRoom()) return 'too_many';
  return undefined;
};

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

export type HandshakeRefusal = 'stopping' | 'token_in_url' | 'host' | 'origin' | 'too_many';

/** What engine.io and socket.io-client put there themselves. */
const OWN_PARAMETERS = new Set(['EIO', 'transport', 't', 'sid', 'b64', 'j']);
const SECRET = /token|auth|session|secret|password|key|code|cookie|jwt/iu;

/** Only the names are looked at, and none is told back. */
const hasSecret = (url: string | undefined): boolean => {
  const query = (url ?? '').split('?', 2)[1] ?? '';
  for (const name of new URLSearchParams(query).keys()) {
    if (!OWN_PARAMETERS.has(name) && SECRET.test(name)) return true;
  }
  return false;
};

export const HANDSHAKE_MESSAGES: Readonly<Record<HandshakeRefusal, string>> = {
  stopping: 'the manager is stopping',
  token_in_url: 'a token must not stand in the URL: send it as auth.token',
  host: 'this manager is not known by that host name',
  origin: 'this origin may not connect',
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
  if (hasSecret(request.url)) return 'token_in_url';
  if (!hasRoom()) return 'too_many';
  return undefined;
};

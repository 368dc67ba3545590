/** Finds the actor behind a token or a session cookie. */
import { refuse, type Problem } from '../http/problem.ts';
import type { Actor } from './actor.ts';
import type { Authenticated, Authenticator } from './authenticator.ts';
import type { FailureCounts, FailureReason } from './failure-counts.ts';
import type { Endings } from './endings.ts';
import { readSessionCookie } from './session-cookie.ts';
import type { Sessions } from './sessions.ts';
import type { Tokens } from './tokens.ts';

const MAX_SECRET = 256;
const BEARER = /^Bearer +(?<secret>[\u0021-\u007e]+)$/iu;

const unauthenticated = (message: string): Problem => ({
  status: 401,
  code: 'unauthenticated',
  message,
  headers: { 'www-authenticate': 'Bearer realm="innkeeper"' },
});

const NOTHING_SHOWN = unauthenticated(
  'send a token as "authorization: Bearer ik_…", or sign in at POST /v1/session',
);
const NOT_BEARER = unauthenticated('authorization must be "Bearer " and a token');
const UNKNOWN_TOKEN = unauthenticated('the token is unknown, has expired or was revoked');
const SESSION_ENDED = unauthenticated('the session has ended; sign in again');

export interface AuthenticatorOptions {
  readonly tokens: Pick<Tokens, 'findBySecret' | 'get' | 'noteUse'>;
  readonly sessions: Pick<Sessions, 'findBySecret' | 'use'>;
  readonly endings: Pick<Endings, 'listen'>;
  readonly failures: Pick<FailureCounts, 'count'>;
}

export const makeAuthenticator = (options: AuthenticatorOptions): Authenticator => {
  const { tokens, sessions, endings, failures } = options;

  const fail = (reason: FailureReason, problem: Problem): Authenticated => {
    failures.count(reason);
    return refuse(problem);
  };

  const byToken = (secret: string): Authenticated => {
    const token = secret.length > MAX_SECRET ? undefined : tokens.findBySecret(secret);
    if (token === undefined) return fail('unknown_token', UNKNOWN_TOKEN);
    tokens.noteUse(token.id);
    const { id, name, role, scope } = token;
    return { ok: true, actor: { kind: 'token', id, name, role, scope }, csrfToken: undefined };
  };

  const bySession = (secret: string): Authenticated => {
    const session = sessions.findBySecret(secret);
    if (session === undefined) return fail('session_ended', SESSION_ENDED);
    if (session.tokenId !== undefined) tokens.noteUse(session.tokenId);
    return { ok: true, actor: session.actor, csrfToken: session.csrfToken };
  };

  return {
    // What is shown first counts, even if it is wrong: nobody becomes somebody else by mistake.
    authenticate: ({ token, authorization, cookie }) => {
      if (token !== undefined) return byToken(token);
      if (authorization !== undefined) {
        const secret = BEARER.exec(authorization)?.groups?.['secret'];
        return secret === undefined ? fail('malformed', NOT_BEARER) : byToken(secret);
      }
      const secret = readSessionCookie(cookie);
      return secret === undefined ? fail('nothing_shown', NOTHING_SHOWN) : bySession(secret);
    },
    stillValid: ({ kind, id }: Actor) =>
      (kind === 'token' ? tokens.get(id) : sessions.use(id)) !== undefined,
    onEnded: (listener) => endings.listen(listener),
  };
};

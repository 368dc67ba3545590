/** `/v1/session`: signing in and out with a browser, and who one is. */
import { sessionSchema, signInSchema, type Session } from '@innkeeper/protocol';
import { recordAudit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import { DatabaseUnavailable, type Queryable } from '../database/database.ts';
import { csrfProblem } from '../http/csrf.ts';
import { defineRoute } from '../http/define-route.ts';
import { refuse, type Problem } from '../http/problem.ts';
import { nothing, type AnyRoute, type RequestFacts } from '../http/route.ts';
import type { Log } from '../log.ts';
import type { Actor } from './actor.ts';
import type { FailureCounts } from './failure-counts.ts';
import { clearSessionCookie, readSessionCookie, writeSessionCookie } from './session-cookie.ts';
import type { SessionRecord } from './session-record.ts';
import type { Sessions } from './sessions.ts';
import type { SignInCode } from './sign-in-code.ts';
import type { SignInLimit } from './sign-in-limit.ts';
import type { Tokens } from './tokens.ts';

export interface SessionRoutesOptions {
  readonly tokens: Pick<Tokens, 'findBySecret' | 'get' | 'noteUse'>;
  readonly sessions: Sessions;
  readonly signInCode: Pick<SignInCode, 'use'>;
  readonly limit: SignInLimit;
  readonly audit: Queryable;
  readonly failures: Pick<FailureCounts, 'count'>;
  /** Browsers come by https. */
  readonly isSecure: boolean;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

const tooMany = (seconds: number): Problem => ({
  status: 429,
  code: 'too_many_sign_ins',
  message: `too many sign-ins; try again in ${seconds} s`,
  headers: { 'retry-after': String(seconds) },
});

const WRONG: Problem = {
  status: 401,
  code: 'sign_in_failed',
  message:
    'the token or the code is unknown, has expired or was used already; ' +
    'each start of the manager prints a new sign-in link',
};

const actorOnWire = ({ kind, id, name, role, scope }: Actor): Session['actor'] => ({
  kind,
  id,
  name,
  role,
  scope: scope?.text ?? null,
});

type Opened = { readonly session: SessionRecord; readonly secret: string };
/** Undefined: the token or the code opens nothing. */
type Attempt =
  | ({ readonly ok: true } & Opened)
  | { readonly ok: false; readonly problem: Problem }
  | undefined;

const toAttempt = (opened: Opened | undefined): Attempt =>
  opened === undefined ? undefined : { ok: true, ...opened };

export const makeSessionRoutes = (options: SessionRoutesOptions): AnyRoute[] => {
  const { tokens, sessions, signInCode, limit, audit, failures, isSecure, clock, log } = options;

  const toWire = (session: SessionRecord): Session => ({
    actor: actorOnWire(session.actor),
    csrf_token: session.csrfToken,
    expires_at: sessions.endOf(session),
  });

  const openByToken = async (secret: string, request: RequestFacts): Promise<Attempt> => {
    const token = tokens.findBySecret(secret);
    if (token === undefined) return undefined;
    const waitSeconds = limit.countSuccess(token.id);
    if (waitSeconds !== undefined) return refuse(tooMany(waitSeconds));
    tokens.noteUse(token.id);
    return toAttempt(await sessions.open(token, request));
  };

  const openByCode = (code: string, request: RequestFacts): Promise<Attempt> =>
    signInCode.use(code, async () => toAttempt(await sessions.open(undefined, request)));

  const refuseSignIn = async (kind: 'code' | 'token', request: RequestFacts): Promise<Problem> => {
    const waitSeconds = limit.countFailure(request.remoteAddress);
    failures.count(waitSeconds === undefined ? 'sign_in_failed' : 'sign_in_limited');
    if (waitSeconds !== undefined) return tooMany(waitSeconds);
    try {
      const record = { actor: undefined, target: undefined, detail: { with: kind }, request };
      await recordAudit(audit, { ...record, action: 'session.refuse' });
    } catch (error) {
      // The answer is the same without the row, and nothing has changed that it would tell of.
      if (!(error instanceof DatabaseUnavailable)) throw error;
      log.warn('a failed sign-in is missing in the audit: no database', {
        request_id: request.requestId,
        remote_address: request.remoteAddress,
      });
    }
    return WRONG;
  };

  return [
    defineRoute({
      method: 'post',
      path: '/v1/session',
      tag: 'Access',
      summary: 'Signs in with a token, or with the code of a sign-in link; sets a cookie',
      access: 'public',
      params: nothing,
      query: nothing,
      body: signInSchema,
      answers: { 201: { description: 'Signed in', schema: sessionSchema } },
      problems: {
        '401 sign_in_failed': 'The token or the code is wrong.',
        '429 too_many_sign_ins': 'Too many in this minute: failures, or sessions of one token.',
      },
      handle: async ({ body, requestId, remoteAddress }) => {
        const request = { requestId, remoteAddress };
        const opened =
          'code' in body
            ? await openByCode(body.code, request)
            : await openByToken(body.token, request);
        if (opened === undefined) {
          return refuse(await refuseSignIn('code' in body ? 'code' : 'token', request));
        }
        if (!opened.ok) return opened;
        const { session, secret } = opened;
        const maxAge = Math.max(1, Math.floor((session.expiresAt - clock.now()) / 1000));
        return {
          ok: true,
          status: 201,
          body: toWire(session),
          headers: { 'set-cookie': writeSessionCookie(secret, maxAge, isSecure) },
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/session',
      tag: 'Access',
      summary: 'Tells who one is',
      access: 'signed-in',
      params: nothing,
      query: nothing,
      body: nothing,
      answers: { 200: { description: 'The actor', schema: sessionSchema } },
      handle: async ({ actor }) => {
        const session = actor.kind === 'session' ? sessions.get(actor.id) : undefined;
        const body: Session =
          session === undefined
            ? {
                actor: actorOnWire(actor),
                csrf_token: null,
                expires_at: tokens.get(actor.id)?.expiresAt ?? null,
              }
            : toWire(session);
        return { ok: true, status: 200, body };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/v1/session',
      tag: 'Access',
      summary: 'Signs out; also takes away the cookie of a session that has ended',
      access: 'public',
      params: nothing,
      query: nothing,
      body: nothing,
      answers: { 204: { description: 'Signed out' } },
      problems: { '403 csrf_token_wrong': 'x-csrf-token is not that of the session.' },
      handle: async ({ header, requestId, remoteAddress }) => {
        const secret = readSessionCookie(header('cookie'));
        const session = secret === undefined ? undefined : sessions.findBySecret(secret);
        if (session !== undefined) {
          const problem = csrfProblem(session.csrfToken, header('x-csrf-token'));
          if (problem !== undefined) return refuse(problem);
          await sessions.end(session, { requestId, remoteAddress });
        }
        return { ok: true, status: 204, headers: { 'set-cookie': clearSessionCookie(isSecure) } };
      },
    }),
  ];
};

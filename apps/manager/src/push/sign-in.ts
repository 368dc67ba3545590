/**
 * Who connects: `auth.token` of socket.io, or the header or cookie of the first request. One try for
 * each connection, so that guessing here is no cheaper than over HTTP.
 */
import { z } from 'zod';
import type { Actor } from '../auth/actor.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { EngineConnection, PushSocket } from './connection.ts';

export type SignInRefusal = { readonly code: string; readonly message: string };
export type SignedIn =
  | { readonly ok: true; readonly actor: Actor }
  | { readonly ok: false; readonly refusal: SignInRefusal };

const MAX_TOKEN_CHARACTERS = 4096;
const authSchema = z.object({ token: z.string().min(1).max(MAX_TOKEN_CHARACTERS).optional() });

const refuse = (code: string, message: string): SignedIn => ({
  ok: false,
  refusal: { code, message },
});

export const makeSignIn = (
  authenticator: Pick<Authenticator, 'authenticate'>,
): ((socket: PushSocket) => SignedIn) => {
  const tried = new WeakSet<EngineConnection>();
  return (socket) => {
    if (tried.has(socket.conn)) return refuse('forbidden', 'one sign-in for each connection');
    tried.add(socket.conn);
    const { auth: given, headers } = socket.handshake;
    const auth = authSchema.safeParse(given);
    if (!auth.success) return refuse('unauthenticated', 'auth.token must be a token');
    const { authorization, cookie } = headers;
    const answer = authenticator.authenticate({ token: auth.data.token, authorization, cookie });
    if (answer.ok) return { ok: true, actor: answer.actor };
    return refuse(answer.problem.code, answer.problem.message);
  };
};

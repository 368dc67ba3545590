/** Who asks. REST and socket.io ask the same function, so that they never differ. */
import type { Problem } from '../http/problem.ts';
import type { Actor } from './actor.ts';

/** What a caller may show: a header, a cookie, or `auth.token` of a socket. */
export interface Credentials {
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
  readonly token?: string | undefined;
}

export type Authenticated =
  | {
      readonly ok: true;
      readonly actor: Actor;
      /** To be sent back as `x-csrf-token` with changes; undefined: a token, which needs none. */
      readonly csrfToken: string | undefined;
    }
  | { readonly ok: false; readonly problem: Problem };

export interface Authenticator {
  authenticate(credentials: Credentials): Authenticated;
  /**
   * For what lasts: false once the token or the session has ended. To ask counts as using the
   * session, so that a screen that only shows live charts is not signed out for idleness.
   */
  stillValid(actor: Actor): boolean;
  /** Called with the id of a token or a session that ends; the answer ends the calling. */
  onEnded(listener: (actorId: string) => void): () => void;
}

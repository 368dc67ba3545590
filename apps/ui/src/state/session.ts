/** Who is signed in. The code of a sign-in link is in the fragment, which no server ever sees. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Session } from '@innkeeper/protocol';
import { makeApi, type Api, type ApiProblem } from './api.ts';

export type SessionState =
  | { readonly kind: 'checking' }
  | { readonly kind: 'signed_in'; readonly session: Session }
  | { readonly kind: 'signed_out'; readonly problem: ApiProblem | undefined };

export interface SessionStore {
  readonly state: ReadonlySignal<SessionState>;
  readonly api: Api;
  /** At the beginning: with the link's code if there is one, else with the cookie. */
  begin(): Promise<void>;
  signIn(secret: { readonly code: string } | { readonly token: string }): Promise<void>;
  signOut(): Promise<void>;
}

const LINK = /^#sign-in=(?<code>[\w-]{1,256})$/u;

export const makeSession = (window: Window & typeof globalThis): SessionStore => {
  const state = signal<SessionState>({ kind: 'checking' });
  const api = makeApi({
    fetch: window.fetch.bind(window),
    csrfToken: () => (state.value.kind === 'signed_in' ? state.value.session.csrf_token : null),
    onSignedOut: () => {
      if (state.value.kind !== 'signed_in') return;
      state.value = { kind: 'signed_out', problem: undefined };
    },
  });

  const signIn: SessionStore['signIn'] = async (secret) => {
    const result = await api.send<Session>('POST', '/v1/session', secret);
    state.value = result.ok
      ? { kind: 'signed_in', session: result.value }
      : { kind: 'signed_out', problem: result.problem };
  };

  return {
    state,
    api,
    signIn,
    begin: async () => {
      const code = LINK.exec(window.location.hash)?.groups?.['code'];
      if (code !== undefined) {
        // Out of the address bar and the history before anything else: it is a secret.
        window.history.replaceState(null, '', window.location.pathname + window.location.search);
        await signIn({ code });
        // The link was used before, but this browser is signed in anyway: then that is what counts.
        if (state.value.kind === 'signed_in') return;
      }
      const result = await api.get<Session>('/v1/session');
      if (result.ok) state.value = { kind: 'signed_in', session: result.value };
      else {
        const before = state.value.kind === 'signed_out' ? state.value.problem : undefined;
        const expected = result.problem.status === 401;
        state.value = { kind: 'signed_out', problem: expected ? before : result.problem };
      }
    },
    signOut: async () => {
      await api.send('DELETE', '/v1/session');
      state.value = { kind: 'signed_out', problem: undefined };
    },
  };
};

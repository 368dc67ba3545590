/** For whoever is not signed in: a token, or the link that the manager prints when it starts. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import type { ApiProblem } from '../../state/api.ts';
import './sign-in-page.css';

/** The manager gives one answer for links and tokens; which of them it was is known here. */
const messageOf = (problem: ApiProblem, typed: boolean): string => {
  if (problem.code !== 'sign_in_failed') return problem.message;
  return typed
    ? 'This token is unknown, has expired or was revoked.'
    : 'This sign-in link was used before, or has expired. Use a token, or restart the manager for a new link.';
};

export const SignInPage = ({
  problem,
}: {
  readonly problem: ApiProblem | undefined;
}): JSX.Element => {
  const { session } = useApp();
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [typed, setTyped] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  // Also after a refusal, to type it anew.
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, [problem]);
  const submit = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setTyped(true);
    await session.signIn({ token: token.trim() });
    setBusy(false);
  };
  return (
    <main class="sign-in">
      <form
        class="sign-in-form panel"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h1 class="brand">
          <img src="/favicon.svg" width="22" height="22" alt="" />
          Innkeeper
        </h1>
        <label class="field">
          Token
          <input
            ref={input}
            class="input mono"
            type="password"
            autocomplete="current-password"
            required
            value={token}
            aria-invalid={problem !== undefined}
            aria-describedby="sign-in-help"
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        {problem === undefined ? null : (
          <p class="problem" role="alert">
            {messageOf(problem, typed)}
          </p>
        )}
        <button type="submit" class="button button-primary" aria-disabled={busy}>
          {busy ? 'Signing in' : 'Sign in'}
        </button>
        <p id="sign-in-help" class="sign-in-help">
          The manager prints a sign-in link each time it starts. The first token is in{' '}
          <code class="mono">admin-token</code> in its data folder.
        </p>
      </form>
    </main>
  );
};

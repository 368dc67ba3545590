/** For whoever is not signed in: a token, or the link that the manager prints when it starts. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app-context.ts';
import type { ApiProblem } from '../../state/api.ts';
import './sign-in-page.css';

export const SignInPage = ({
  problem,
}: {
  readonly problem: ApiProblem | undefined;
}): JSX.Element => {
  const { session } = useApp();
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    setBusy(true);
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
            {problem.message}
          </p>
        )}
        <button type="submit" class="button button-primary" disabled={busy}>
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

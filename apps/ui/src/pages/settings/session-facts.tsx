/** Who is signed in here, until when, and how it looks. */
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { formatDuration } from '../../format/duration.ts';
import type { Theme } from '../../state/preferences.ts';
import { Icon } from '../../ui/icons.tsx';
import { Fact, Facts } from './facts.tsx';

const THEMES: readonly { readonly theme: Theme; readonly name: string }[] = [
  { theme: 'system', name: 'As the system' },
  { theme: 'dark', name: 'Dark' },
  { theme: 'light', name: 'Light' },
];

const ThemeChoice = (): JSX.Element => {
  const { preferences } = useApp();
  return (
    <div class="segments" role="group" aria-label="Theme">
      {THEMES.map(({ theme, name }) => (
        <button
          key={theme}
          type="button"
          aria-pressed={preferences.theme.value === theme}
          onClick={() => preferences.setTheme(theme)}
        >
          {name}
        </button>
      ))}
    </div>
  );
};

export const SessionFacts = (): JSX.Element | null => {
  const { session, ticker, time } = useApp();
  const { value } = session.state;
  if (value.kind !== 'signed_in') return null;
  const { actor, expires_at: expiresAt } = value.session;
  return (
    <section class="section" aria-labelledby="session">
      <h2 class="section-title" id="session">
        You
      </h2>
      <Facts>
        <Fact name="Signed in as">
          <span class="list-name">{actor.name}</span>
        </Fact>
        <Fact name="Role">{actor.role}</Fact>
        <Fact name="Sees">
          {actor.scope === null ? 'all VMs' : <span class="mono list-break">{actor.scope}</span>}
        </Fact>
        <Fact name="Session ends">
          {expiresAt === null ? (
            'never'
          ) : (
            <span title={time.full(expiresAt)}>
              in {formatDuration((expiresAt - ticker.now.value) / 1000)}
            </span>
          )}
        </Fact>
        <Fact name="Times are in">{Intl.DateTimeFormat().resolvedOptions().timeZone}</Fact>
        <Fact name="Theme">
          <ThemeChoice />
        </Fact>
      </Facts>
      <button type="button" class="button" onClick={() => void session.signOut()}>
        <Icon name="signOut" />
        Sign out
      </button>
    </section>
  );
};

/** What surrounds every page: the top bar, the rail, the line that says when something is wrong. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { permissionsIn } from '../state/permissions.ts';
import { Icon } from '../ui/icons.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { LiveMark } from './live-mark.tsx';
import { Rail } from './rail.tsx';
import { SearchBox } from './search-box.tsx';
import { ShortcutHelp } from './shortcut-help.tsx';
import { useShortcuts } from './shortcuts.ts';
import { ThemeButton } from './theme-button.tsx';
import './shell.css';

const SignOutButton = (): JSX.Element => {
  const { session } = useApp();
  const { value } = session.state;
  const name = value.kind === 'signed_in' ? value.session.actor.name : '';
  return (
    <button
      type="button"
      class="button button-icon"
      title={`Sign out (${name})`}
      aria-label={`Sign out (${name})`}
      onClick={() => void session.signOut()}
    >
      <Icon name="signOut" />
    </button>
  );
};

export const Shell = ({ children }: { readonly children: ComponentChildren }): JSX.Element => {
  const { navigation, fleet, hosts, session } = useApp();
  const { readHosts } = permissionsIn(session.state.value);
  const [menuOpen, setMenuOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  useEffect(() => fleet.follow(), [fleet]);
  useEffect(() => (readHosts ? hosts.follow() : undefined), [hosts, readHosts]);
  useShortcuts({
    '?': () => setHelpOpen(true),
    'g f': () => navigation.go('/'),
    'g h': () => navigation.go('/hosts'),
    'g l': () => navigation.go('/logs'),
    'g r': () => navigation.go('/runs'),
    'g c': () => navigation.go('/commands'),
    'g a': () => navigation.go('/add'),
    'g t': () => navigation.go('/tokens'),
    'g s': () => navigation.go('/settings'),
  });
  const { path } = navigation.place.value;
  useEffect(() => setMenuOpen(false), [path]);
  return (
    <>
      <a class="skip-link" href="#main">
        Skip to the page
      </a>
      <header class="top-bar">
        <a class="brand" href="/" aria-label="Innkeeper, fleet">
          <img src="/favicon.svg" width="18" height="18" alt="" />
          <span class="brand-name">Innkeeper</span>
        </a>
        <SearchBox />
        <div class="top-tools">
          <LiveMark />
          <ThemeButton />
          <button
            type="button"
            class="button button-icon help-button"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            onClick={() => setHelpOpen(true)}
          >
            <Icon name="help" />
          </button>
          <SignOutButton />
          <button
            type="button"
            class="button button-icon menu-button"
            aria-label="Menu"
            aria-expanded={menuOpen}
            onClick={() => setMenuOpen(!menuOpen)}
          >
            <Icon name="menu" />
          </button>
        </div>
      </header>
      <ConnectionBanner />
      <div class="app-grid">
        <Rail open={menuOpen} />
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
      <ShortcutHelp open={helpOpen} onClose={() => setHelpOpen(false)} />
    </>
  );
};

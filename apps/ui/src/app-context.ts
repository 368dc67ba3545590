/** What every page gets: made once in main.tsx. */
import type { ReadonlySignal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { TimeFormat } from './format/time.ts';
import type { Connection } from './state/connection.ts';
import type { Fleet } from './state/fleet.ts';
import type { Frames } from './state/frames.ts';
import type { HostList } from './state/hosts.ts';
import type { Navigation } from './state/navigation.ts';
import type { Preferences } from './state/preferences.ts';
import type { SessionStore } from './state/session.ts';
import type { Ticker } from './state/ticker.ts';
import type { Palette } from './ui/palette.ts';
import type { Sight } from './ui/sight.ts';

export interface App {
  readonly navigation: Navigation;
  readonly session: SessionStore;
  readonly connection: Connection;
  readonly fleet: Fleet;
  readonly hosts: HostList;
  readonly preferences: Preferences;
  readonly ticker: Ticker;
  readonly frames: Frames;
  readonly palette: ReadonlySignal<Palette>;
  readonly sight: Sight;
  readonly time: TimeFormat;
  readonly now: () => number;
}

export const AppContext = createContext<App | undefined>(undefined);

export const useApp = (): App => {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error('a part of the page is outside of <AppContext.Provider>');
  return app;
};

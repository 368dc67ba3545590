/** Makes the stores, wires them, and puts the page into the document. */
// First, so that the parts may build on them.
import './styles/tokens.css';
import './styles/base.css';
import { render } from 'preact';
import { AppContext, type App } from './app-context.ts';
import { makeTimeFormat } from './format/time.ts';
import { Root } from './root.tsx';
import { makeConnection } from './state/connection.ts';
import { makeFleet } from './state/fleet.ts';
import { makeFrames } from './state/frames.ts';
import { makeHostList } from './state/hosts.ts';
import { makeNavigation } from './state/navigation.ts';
import { makePreferences } from './state/preferences.ts';
import { makeSession } from './state/session.ts';
import { makeTicker } from './state/ticker.ts';
import { followPalette } from './ui/palette.ts';
import { makeSight } from './ui/sight.ts';

const now = (): number => Date.now();
const session = makeSession(window);
const connection = makeConnection(now);
const frames = makeFrames(window);
const ticker = makeTicker({ document, clock: now, frames });
const app: App = {
  navigation: makeNavigation(window),
  session,
  connection,
  fleet: makeFleet({ api: session.api, connection, ticker, now }),
  hosts: makeHostList(session.api),
  preferences: makePreferences(window.localStorage, document.documentElement),
  ticker,
  frames,
  palette: followPalette(window),
  sight: makeSight(window),
  time: makeTimeFormat(undefined),
  now,
};

const container = document.querySelector('#app');
if (container === null) throw new Error('the document has no #app');
render(
  <AppContext.Provider value={app}>
    <Root />
  </AppContext.Provider>,
  container,
);
void session.begin();

/** Logs of several VMs in one view, and the search over all that is kept. */
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { KeptSearch } from './kept-search.tsx';
import { LogViewer } from './log-viewer.tsx';
import { MOST_VMS, VmPicker } from './vm-picker.tsx';
import './logs-page.css';

const UUID = /^[\da-f-]{36}$/iu;

const idsOf = (query: URLSearchParams): readonly string[] =>
  [...new Set(query.getAll('vm').filter((id) => UUID.test(id)))].slice(0, MOST_VMS);

const viewHref = (query: URLSearchParams, view: 'live' | 'kept'): string => {
  const kept = new URLSearchParams(query.getAll('vm').map((id) => ['vm', id]));
  if (view === 'kept') kept.set('view', 'kept');
  return `/logs?${kept.toString()}`;
};

const Nothing = (): JSX.Element => (
  <div class="empty">
    <h2>Which VMs?</h2>
    <p>Choose up to {MOST_VMS} above, or select them in the fleet and press “Logs”.</p>
    <a class="button" href="/">
      To the fleet
    </a>
  </div>
);

export const LogsPage = (): JSX.Element => {
  const { navigation } = useApp();
  const { query } = navigation.place.value;
  const vmIds = idsOf(query);
  const view = query.get('view') === 'kept' ? 'kept' : 'live';
  return (
    <div class="page logs-page">
      <header class="logs-head">
        <h1 class="page-title">Logs</h1>
        {view === 'live' ? <VmPicker vmIds={vmIds} /> : null}
        <nav class="segments" aria-label="Which logs">
          <a href={viewHref(query, 'live')} aria-current={view === 'live' ? 'true' : undefined}>
            Live
          </a>
          <a href={viewHref(query, 'kept')} aria-current={view === 'kept' ? 'true' : undefined}>
            Search kept logs
          </a>
        </nav>
      </header>
      {view === 'kept' ? (
        <KeptSearch />
      ) : vmIds.length === 0 ? (
        <Nothing />
      ) : (
        <LogViewer vmIds={vmIds} />
      )}
    </div>
  );
};

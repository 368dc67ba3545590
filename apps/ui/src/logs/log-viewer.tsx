/** A viewer of the logs of one VM or of several: all of its parts, and its keys. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { useShortcuts } from '../shell/shortcuts.ts';
import { useGoLive } from './jump-pill.tsx';
import { LineDetails } from './line-details.tsx';
import { Lines } from './lines.tsx';
import { LogFoot } from './log-foot.tsx';
import { LogContext, makeLogModel, useLogModel } from './log-model.ts';
import { makeLogPages } from './log-pages.ts';
import { parseLogQuery, type LogQuery } from './log-query.ts';
import { makeLogSettings } from './log-settings.ts';
import { LogStatus } from './log-status.tsx';
import { LogToolbar } from './log-toolbar.tsx';
import { makeLogView } from './log-view.ts';
import { makeMatcher } from './matches.ts';
import { useSummary } from './use-summary.ts';
import { ViewHistogram } from './view-histogram.tsx';
import './log-lines.css';
import './log-viewer.css';

const useKeys = (input: { readonly current: HTMLInputElement | null }): void => {
  const model = useLogModel();
  const goLive = useGoLive();
  const { view, goToMatch, step, isOpen, close } = model;
  useShortcuts(
    {
      '/': () => input.current?.select(),
      n: () => goToMatch(1),
      N: () => goToMatch(-1),
      j: () => step(1),
      k: () => step(-1),
      Enter: () => {
        if (model.current.peek() !== undefined) isOpen.value = true;
      },
      Escape: () => close(),
      G: () => goLive(),
      ' ': () => {
        const { isPaused } = view.follow;
        if (isPaused.peek() || view.moment !== undefined) goLive();
        else isPaused.value = true;
      },
    },
    { isFirst: true },
  );
};

/** The moment's line is looked at as soon as it is there. */
const useMoment = (): void => {
  const { view, goToTime, choose, area } = useLogModel();
  const { busy } = view.page.value;
  const isThere = useRef(false);
  useEffect(() => {
    const { moment } = view;
    const { ring, index } = view.rows;
    if (moment === undefined || busy !== undefined || isThere.current) return;
    index.sync();
    if (index.visible.length === 0) return;
    isThere.current = true;
    for (let number = ring.first; number < ring.end; number += 1) {
      const row = ring.at(number);
      if (row?.kind !== 'line' || row.event.cursor !== moment.cursor) continue;
      choose(number);
      area.peek()?.reveal(number);
      return;
    }
    goToTime(moment.at);
  }, [view, busy]);
};

const Parts = ({ query }: { readonly query: LogQuery }): JSX.Element => {
  const model = useLogModel();
  const { fleet } = useApp();
  const { view, settings, nameOf } = model;
  // Lines that were drawn before the names were known get them then.
  void fleet.membership.value;
  const names = view.vmIds.map((_id, stream) => nameOf(stream)).join('\n');
  const vmName = useMemo(
    () => (view.vmIds.length > 1 ? (stream: number) => nameOf(stream) : undefined),
    [view, names],
  );
  const input = useRef<HTMLInputElement>(null);
  const matcher = useMemo(() => makeMatcher(query.search), [query.search]);
  useKeys(input);
  useMoment();
  useSummary(model);
  return (
    <section class="logs" aria-label="Logs">
      <LogToolbar query={query} input={input} />
      <LogStatus />
      <ViewHistogram />
      <Lines
        look={{
          matcher,
          isWrapped: settings.values.value.wrap,
          vmName,
        }}
      />
      <LineDetails query={query} />
      <LogFoot />
    </section>
  );
};

export const LogViewer = ({
  vmIds,
}: {
  /** In the order of their colours. */
  readonly vmIds: readonly string[];
}): JSX.Element => {
  const { navigation, connection, session, frames, fleet, now } = useApp();
  const parameters = navigation.place.value.query;
  const query = useMemo(() => parseLogQuery(parameters), [parameters]);
  const { filter, search, onlyMatches, source, moment } = query;
  const key = JSON.stringify([vmIds, source, moment]);
  const model = useMemo(() => {
    const view = makeLogView({
      vmIds,
      source,
      moment,
      connection,
      pages: makeLogPages(session.api, source),
      frames,
      now,
      wanted: { filter, matcher: makeMatcher(search), onlyMatches },
    });
    const nameOf = (stream: number): string => {
      const id = vmIds[stream] ?? '';
      return fleet.get(id)?.member.name ?? id.slice(0, 8);
    };
    return makeLogModel(view, makeLogSettings(window.localStorage), nameOf);
  }, [key, connection, session, frames]);
  useEffect(() => model.view.start(), [model]);
  useEffect(() => {
    model.view.want({ filter, matcher: makeMatcher(search), onlyMatches });
  }, [model, filter, search, onlyMatches]);
  return (
    <LogContext.Provider value={model}>
      <Parts key={key} query={query} />
    </LogContext.Provider>
  );
};

/** The kept lines of the whole fleet, searched: also those of guests that are gone. */
import type { KeptLog, LogSearch } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import type { ApiProblem } from '../state/api.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { HistogramBar } from './histogram-bar.tsx';
import { keptPath, parseKeptQuery, SPANS, spanOf, type KeptQuery } from './kept-query.ts';
import { KeptForm } from './kept-form.tsx';
import { KeptLine, momentOf } from './kept-line.tsx';
import { changedHref, type LogChanges } from './log-query.ts';
import { countText } from './log-words.ts';
import { makeMatcher } from './matches.ts';
import './log-lines.css';
import './log-viewer.css';
import './kept-search.css';

/** More on one page make it slow, and nobody reads them. */
const MOST = 2_000;

interface Found {
  readonly items: readonly KeptLog[];
  readonly first: LogSearch;
  readonly nextCursor: string | null;
}

interface Asked {
  readonly query: KeptQuery;
  readonly now: number;
}

const useKeptSearch = (query: KeptQuery) => {
  const { session, now } = useApp();
  const asked = useMemo<Asked>(() => ({ query, now: now() }), [JSON.stringify(query)]);
  const [found, setFound] = useState<(Found & Asked) | undefined>(undefined);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  const [isBusy, setBusy] = useState(true);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const search = async (): Promise<void> => {
      setBusy(true);
      const answer = await session.api.get<LogSearch>(keptPath(query, asked.now), { signal });
      if (signal.aborted) return;
      setBusy(false);
      setProblem(answer.ok ? undefined : answer.problem);
      if (!answer.ok) return;
      const { items, next_cursor: nextCursor } = answer.value;
      setFound({ ...asked, items, first: answer.value, nextCursor });
    };
    void search();
    return () => controller.abort();
  }, [asked, tries, session]);
  const more = async (): Promise<void> => {
    if (found === undefined || found.nextCursor === null || isBusy) return;
    setBusy(true);
    const path = keptPath(found.query, found.now, found.nextCursor);
    const answer = await session.api.get<LogSearch>(path);
    setBusy(false);
    setProblem(answer.ok ? undefined : answer.problem);
    if (!answer.ok) return;
    const { items, next_cursor: nextCursor } = answer.value;
    setFound({ ...found, items: [...found.items, ...items], nextCursor });
  };
  return { found, problem, isBusy, more, retry: () => setTries(tries + 1) };
};

const Empty = ({ oldest }: { readonly oldest: number | null }): JSX.Element => {
  const { time } = useApp();
  return (
    <div class="empty">
      <h2>No kept line fits</h2>
      <p>
        {oldest === null
          ? 'Nothing has been kept yet. Warnings and errors of each VM with an agent are, unless its policy says otherwise.'
          : `The manager keeps warnings and worse, and what a lost guest said last, back to ${time.short(oldest)}.`}
      </p>
    </div>
  );
};

const Results = ({ query }: { readonly query: KeptQuery }): JSX.Element => {
  const { navigation, time } = useApp();
  const { found, problem, isBusy, more, retry } = useKeptSearch(query);
  const matcher = useMemo(() => makeMatcher(query.text), [query.text]);
  const zoom = (from: number, to: number): void => {
    const place = navigation.place.peek();
    navigation.go(
      changedHref(place.path, place.query, {
        from: String(from),
        to: String(to),
        range: undefined,
      }),
    );
  };
  const histogram = found?.first.histogram ?? null;
  const isDated = found?.items.some((item) => !time.isSameDay(momentOf(item), found.now)) ?? false;
  const span = found === undefined ? undefined : spanOf(found.query, found.now);
  return (
    <>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={retry} />}
      {histogram === null ? (
        <div class="log-histogram" />
      ) : (
        <HistogramBar histogram={histogram} label="Kept lines over time" onPick={zoom} />
      )}
      <p class="kept-summary" role="status">
        {isBusy ? 'Searching… ' : ''}
        {found === undefined ? '' : countText(found.items.length, 'line')}
        {found === undefined || found.nextCursor === null ? '' : ', the newest'}
        {span === undefined ? '' : `, ${time.stamp(span.from)} to ${time.stamp(span.to)}`}
      </p>
      {found === undefined ? null : found.items.length === 0 ? (
        <Empty oldest={found.first.oldest} />
      ) : (
        <div class="kept-lines" data-busy={isBusy}>
          <ol aria-label="Kept lines, newest first" data-dated={isDated}>
            {found.items.map((item) => (
              <KeptLine key={item.id} item={item} matcher={matcher} />
            ))}
          </ol>
          {found.nextCursor === null ? null : found.items.length < MOST ? (
            <button type="button" class="button" disabled={isBusy} onClick={() => void more()}>
              Older lines
            </button>
          ) : (
            <p class="muted">There are more: choose a shorter span, or search for more of it.</p>
          )}
        </div>
      )}
    </>
  );
};

export const KeptSearch = (): JSX.Element => {
  const { navigation } = useApp();
  const parameters = navigation.place.value.query;
  const query = useMemo(() => parseKeptQuery(parameters), [parameters]);
  const change = (changes: LogChanges): void => {
    const place = navigation.place.peek();
    navigation.go(changedHref(place.path, place.query, changes), { replace: true });
  };
  return (
    <section class="kept" aria-label="Kept logs">
      <KeptForm query={query} spans={SPANS} onChange={change} />
      <Results query={query} />
    </section>
  );
};

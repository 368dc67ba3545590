/** The kept lines of the whole fleet, searched: also those of guests that are gone. */
import type { LogSearch } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { Announced } from '../ui/announced.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { HistogramBar } from './histogram-bar.tsx';
import { makeKeptFinder } from './kept-finder.ts';
import { parseKeptQuery, SPANS, spanOf, type KeptQuery } from './kept-query.ts';
import { KeptForm } from './kept-form.tsx';
import { KeptLine, momentOf } from './kept-line.tsx';
import { changedHref, type LogChanges } from './log-query.ts';
import { countText } from './log-words.ts';
import { makeMatcher } from './matches.ts';
import './log-lines.css';
import './kept-search.css';

/** More on one page make it slow, and nobody reads them. */
const MOST = 2_000;

const useKeptSearch = (query: KeptQuery) => {
  const { session, now } = useApp();
  const finder = useMemo(
    () =>
      makeKeptFinder(
        async (path, ended) => session.api.get<LogSearch>(path, { signal: ended }),
        now,
      ),
    [session],
  );
  useEffect(() => () => finder.stop(), [finder]);
  useEffect(() => void finder.search(query), [finder, JSON.stringify(query)]);
  return finder;
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
  const finder = useKeptSearch(query);
  const found = finder.found.value;
  const problem = finder.problem.value;
  const isBusy = finder.isBusy.value;
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
  const summary =
    found === undefined || span === undefined
      ? ''
      : `${countText(found.items.length, 'line')}${found.nextCursor === null ? '' : ', the newest'}, ${time.stamp(span.from)} to ${time.stamp(span.to)}`;
  return (
    <>
      {problem === undefined ? null : (
        <ProblemNote problem={problem} onRetry={() => void finder.retry()} />
      )}
      {histogram === null ? (
        <div class="log-histogram" />
      ) : (
        <HistogramBar histogram={histogram} label="Kept lines over time" onPick={zoom} />
      )}
      <Announced subject={isBusy ? '' : `${found?.now ?? ''} ${summary}`} words={summary} />
      <p class="kept-summary">
        {isBusy ? 'Searching… ' : ''}
        {summary}
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
            <button
              type="button"
              class="button"
              disabled={isBusy}
              onClick={() => void finder.more()}
            >
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

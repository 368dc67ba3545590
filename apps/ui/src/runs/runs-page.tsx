/** What was run, by whom, and how it ended: newest first, searched and in pages, all in the address. */
import type { RunSummary } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { useAnswer } from '../state/use-answer.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { durationText } from './elapsed.tsx';
import { ExecutionMark } from './execution-mark.tsx';
import { countWords, runMark, runWords } from './execution-words.ts';
import type { RunsOfPage } from './last-runs.tsx';
import { RunSides } from './run-sides.tsx';
import { RunsFilter } from './runs-filter.tsx';
import { isOver } from './run-state.ts';
import '../ui/form.css';
import '../ui/list.css';
import './runs.css';

const PAGE = 50;
const REFRESH_MS = 4_000;
const COLUMNS = ['Run', 'Result', 'By', 'Begun', 'Took'] as const;

const RunRow = ({ run }: { readonly run: RunSummary }): JSX.Element => {
  const { now, ticker, time } = useApp();
  if (!isOver(run.state)) void ticker.now.value;
  const took = Math.max(0, (run.ended_at ?? now()) - run.created_at) / 1000;
  return (
    <tr>
      <td class="list-wide">
        <span class="runs-name">
          <ExecutionMark kind={runMark(run)} title={runWords(run)} />
          <a
            class="mono runs-command"
            title={run.name}
            href={`/runs/${encodeURIComponent(run.id)}`}
          >
            {run.name}
          </a>
        </span>
      </td>
      <td class="list-wide">
        {countWords(run)}
        {run.state === 'running' || run.state === 'finished' ? null : (
          <span class="muted"> ({runWords(run)})</span>
        )}
      </td>
      <td data-name="By">
        <span class="list-break">{run.actor.name}</span>
      </td>
      <td data-name="Begun">
        <time dateTime={new Date(run.created_at).toISOString()} title={time.full(run.created_at)}>
          {time.stamp(run.created_at)}
        </time>
      </td>
      <td data-name="Took">{durationText(took)}</td>
    </tr>
  );
};

const RunTable = ({ runs }: { readonly runs: readonly RunSummary[] }): JSX.Element => (
  <div class="list-box panel">
    <table class="list runs-list" aria-label="Runs">
      <thead>
        <tr>
          {COLUMNS.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
      </tbody>
    </table>
  </div>
);

/** The API's question for what the address asks. */
const pathOf = (query: URLSearchParams): string => {
  const asked = new URLSearchParams({ limit: String(PAGE) });
  const names = {
    q: 'search',
    vm: 'vm_id',
    state: 'state',
    command: 'command_id',
    before: 'cursor',
  };
  for (const [ours, theirs] of Object.entries(names)) {
    const value = query.get(ours);
    if (value !== null && value !== '') asked.set(theirs, value);
  }
  return `/v1/runs?${asked.toString()}`;
};

const Paging = ({ next }: { readonly next: string | null }): JSX.Element | null => {
  const { navigation } = useApp();
  const isFirst = !navigation.place.value.query.has('before');
  if (isFirst && next === null) return null;
  return (
    <div class="form-actions form-actions-start runs-paging">
      <button
        type="button"
        class="button"
        disabled={isFirst}
        onClick={() => navigation.setQuery({ before: null })}
      >
        Newest
      </button>
      <button
        type="button"
        class="button"
        disabled={next === null}
        onClick={() => navigation.setQuery({ before: next })}
      >
        Older
      </button>
    </div>
  );
};

const Nothing = ({ isFiltered }: { readonly isFiltered: boolean }): JSX.Element => (
  <div class="empty">
    <h2>{isFiltered ? 'No run fits' : 'Nothing was run yet'}</h2>
    <p>
      {isFiltered
        ? 'Take a filter away.'
        : 'Run one here, on the page of a VM, or on those that are selected in the fleet.'}
    </p>
  </div>
);

export const RunsPage = (): JSX.Element => {
  const { navigation } = useApp();
  const { query } = navigation.place.value;
  const isFiltered = ['q', 'vm', 'state', 'command', 'before'].some((name) => query.has(name));
  const { value, problem, reload } = useAnswer<RunsOfPage>(
    pathOf(query),
    query.has('before') ? undefined : REFRESH_MS,
  );
  return (
    <div class="page">
      <RunSides current="/runs" />
      <RunsFilter />
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {value === undefined ? (
        <p class="muted" role="status">
          {problem === undefined ? 'Loading the runs' : ''}
        </p>
      ) : value.items.length === 0 ? (
        <Nothing isFiltered={isFiltered} />
      ) : (
        <>
          <RunTable runs={value.items} />
          <Paging next={value.next_cursor} />
        </>
      )}
    </div>
  );
};

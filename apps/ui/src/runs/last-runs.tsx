/** What ran on a VM, newest first. */
import type { RunSummary } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatDuration } from '../format/duration.ts';
import type { Answer } from '../state/use-answer.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { ExecutionMark } from './execution-mark.tsx';
import { countWords, runMark, runWords } from './execution-words.ts';

export interface RunsOfPage {
  readonly items: readonly RunSummary[];
  readonly next_cursor: string | null;
}

export const LastRuns = ({
  vmId,
  answer,
  current,
}: {
  readonly vmId: string;
  readonly answer: Answer<RunsOfPage>;
  readonly current: string | null;
}): JSX.Element => {
  const { navigation, ticker, time } = useApp();
  const { query, path } = navigation.place.value;
  const { value, problem, reload } = answer;
  const now = ticker.now.value;
  const href = (id: string): string => {
    const changed = new URLSearchParams(query);
    changed.set('run', id);
    return `${path}?${changed.toString()}`;
  };
  return (
    <section class="vm-section run-last" aria-labelledby="run-last">
      <h2 id="run-last">
        What ran on it
        <span>
          <a class="link" href={`/runs?vm=${encodeURIComponent(vmId)}`}>
            all
          </a>
        </span>
      </h2>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {value?.items.length === 0 ? <p class="muted">Nothing yet.</p> : null}
      <ul class="run-last-list">
        {(value?.items ?? []).map((run) => (
          <li key={run.id}>
            <a href={href(run.id)} aria-current={run.id === current ? 'true' : undefined}>
              <ExecutionMark kind={runMark(run)} title={runWords(run)} />
              <span class="mono run-last-name">{run.name}</span>
              <span class="muted">
                {countWords(run)}, by {run.actor.name},{' '}
                <time
                  dateTime={new Date(run.created_at).toISOString()}
                  title={time.full(run.created_at)}
                >
                  {formatDuration(Math.max(0, now - run.created_at) / 1000)} ago
                </time>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
};

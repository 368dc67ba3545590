/** What a run is: the command, who began it and when, and how far it is. */
import type { Run, RunCounts } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { formatDuration } from '../format/duration.ts';
import { CountBar } from './count-bar.tsx';
import { durationText } from './elapsed.tsx';
import { ExecutionMark } from './execution-mark.tsx';
import { commandText, countWords, runMark, runWords } from './execution-words.ts';
import { Fact } from './fact.tsx';
import { RunActions } from './run-actions.tsx';
import type { RunStore } from './run-store.ts';

const How = ({ run }: { readonly run: Run }): JSX.Element => {
  const { time } = useApp();
  const { canary, max_failures: most, selector, wait_until: until, retry_of: retryOf } = run;
  return (
    <>
      {run.executions.length === 1 ? null : (
        <Fact name="At once">{formatCount(run.concurrency)}</Fact>
      )}
      {canary === null ? null : <Fact name="First">{formatCount(canary)} alone</Fact>}
      {most === null ? null : <Fact name="Ends after">{formatCount(most)} failures</Fact>}
      {selector === null ? null : (
        <Fact name="Labels">
          <span class="mono">{selector === '' ? 'any' : selector}</span>
        </Fact>
      )}
      {until === null ? null : <Fact name="Waits until">{time.short(until)}</Fact>}
      {retryOf === null ? null : (
        <Fact name="Again of">
          <a class="link" href={`/runs/${encodeURIComponent(retryOf)}`}>
            the run before
          </a>
        </Fact>
      )}
    </>
  );
};

const Length = ({ store, run }: { readonly store: RunStore; readonly run: Run }): JSX.Element => {
  const { ticker } = useApp();
  if (run.ended_at !== null) return <>{durationText((run.ended_at - run.created_at) / 1000)}</>;
  void ticker.now.value;
  return <>{formatDuration(Math.max(0, store.managerNow() - run.created_at) / 1000)}</>;
};

const What = ({ what }: { readonly what: NonNullable<Run['what']> }): JSX.Element => (
  <>
    <pre class="run-script mono" tabIndex={0} role="region" aria-label="Command">
      {commandText(what)}
    </pre>
    <p class="secondary run-what-how">
      {[
        what.script === null ? 'no shell' : `by ${what.interpreter ?? 'its #! line, or /bin/sh'}`,
        ...(what.user === null ? [] : [`as ${what.user}`]),
        ...(what.cwd === null ? [] : [`in ${what.cwd}`]),
        ...(what.env_names.length === 0 ? [] : [`with ${what.env_names.join(', ')}`]),
      ].join(', ')}
    </p>
  </>
);

export const RunHead = ({
  store,
  run,
  counts,
}: {
  readonly store: RunStore;
  readonly run: Run;
  readonly counts: RunCounts;
}): JSX.Element => {
  const { time } = useApp();
  const told = { ...run, counts };
  return (
    <header class="run-head">
      <p class="run-crumb muted">
        <a href="/runs">Runs</a> / {time.stamp(run.created_at)}
      </p>
      <div class="run-head-line">
        <h1 class="page-title">
          <ExecutionMark kind={runMark(told)} />
          <span title={run.name}>{run.name}</span>
        </h1>
        <RunActions run={told} />
      </div>
      <CountBar counts={counts} />
      <dl class="vm-facts run-facts">
        <div>
          <dt class="visually-hidden">State</dt>
          <dd>
            <span role="status">{[...new Set([runWords(run), countWords(told)])].join(': ')}</span>
          </dd>
        </div>
        <Fact name="By">{run.actor.name}</Fact>
        <Fact name="Begun">
          <time dateTime={new Date(run.created_at).toISOString()} title={time.full(run.created_at)}>
            {time.stamp(run.created_at)}
          </time>
        </Fact>
        <Fact name="Took">
          <Length store={store} run={run} />
        </Fact>
        <Fact name="Timeout">{formatDuration(run.timeout_seconds)}</Fact>
        <How run={run} />
      </dl>
      {run.what === null ? null : <What what={run.what} />}
    </header>
  );
};

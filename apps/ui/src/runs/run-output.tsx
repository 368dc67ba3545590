/** One command on one VM: how it stands, what it prints, and what can be done about it. */
import type { RunExecution } from '@innkeeper/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { useApp } from '../app-context.ts';
import { formatCount } from '../format/count.ts';
import { permissionsIn } from '../state/permissions.ts';
import type { ApiProblem } from '../state/api.ts';
import { Icon } from '../ui/icons.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { TranscriptView } from '../terminal/transcript-view.tsx';
import { Elapsed, TimeLeft } from './elapsed.tsx';
import { ExecutionMark } from './execution-mark.tsx';
import { executionWords, markOf, missingWords, NO_OUTPUT } from './execution-words.ts';
import { OverdueBar } from './overdue-bar.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { logPath } from './log-path.ts';
import type { RunStore } from './run-store.ts';
import { useAct } from './use-act.ts';

const Downloads = ({
  runId,
  executionId,
}: {
  readonly runId: string;
  readonly executionId: string;
}): JSX.Element => (
  <>
    {(['txt', 'json'] as const).map((format) => (
      <a key={format} class="button" download href={logPath(runId, executionId, format)}>
        <Icon name="download" />
        {format === 'txt' ? 'Text' : 'JSON'}
      </a>
    ))}
  </>
);

const emptyWords = ({ state, ended_at: endedAt }: RunExecution): string => {
  if (state === 'queued') return 'It has not begun yet.';
  if (endedAt === null) return 'Nothing printed yet.';
  return state === 'exited' ? 'It has printed nothing.' : 'It never began.';
};

const Output = ({
  store,
  execution,
}: {
  readonly store: RunStore;
  readonly execution: RunExecution;
}): JSX.Element => {
  const { time } = useApp();
  void store.outputTick.value;
  const { gone } = store.transcript;
  const missing = missingWords(execution);
  return (
    <>
      {gone === 0 ? null : (
        <p class="run-gone secondary">
          {formatCount(gone)} lines above:{' '}
          <a class="link" download href={logPath(store.id, execution.id, 'txt')}>
            download
          </a>
        </p>
      )}
      <TranscriptView
        transcript={store.transcript}
        tick={store.outputTick}
        label={`Output on ${execution.vm_name}`}
        empty={emptyWords(execution)}
        lineTitle={(at) => time.stamp(at)}
      />
      {missing === undefined ? null : <p class="run-gone secondary">{missing}</p>}
    </>
  );
};

const useStop = (store: RunStore, execution: RunExecution) => {
  const { session } = useApp();
  return useAct(async () =>
    session.api.send(
      'DELETE',
      `/v1/runs/${encodeURIComponent(store.id)}/executions/${encodeURIComponent(execution.id)}`,
    ),
  );
};

const StopNote = ({ problem }: { readonly problem: ApiProblem | undefined }): JSX.Element | null =>
  // It has ended in the same moment: that is what was wanted.
  problem === undefined || problem.code === 'run_over' ? null : <ProblemNote problem={problem} />;

export const RunOutput = ({
  store,
  execution,
  title,
  tools,
}: {
  readonly store: RunStore;
  readonly execution: RunExecution;
  readonly title: ComponentChildren;
  readonly tools?: ComponentChildren;
}): JSX.Element => {
  const { session } = useApp();
  const { runCommands } = permissionsIn(session.state.value);
  const stop = useStop(store, execution);
  const run = store.run.value;
  const isActive = execution.ended_at === null;
  return (
    <div class="run-output" data-state={execution.state}>
      <div class="run-output-head">
        <h2 class="run-title">{title}</h2>
        <span class="run-tools">
          {isActive && runCommands ? (
            <button
              type="button"
              class="button button-danger"
              title="TERM to all of its processes, and KILL after 3 s"
              disabled={stop.isBusy || execution.stop_requested_at !== null}
              onClick={stop.act}
            >
              <Icon name="stop" />
              Stop
            </button>
          ) : null}
          {tools}
          {runCommands ? <Downloads runId={store.id} executionId={execution.id} /> : null}
        </span>
      </div>
      <div class="run-output-state">
        <span class="run-state" role="status">
          <ExecutionMark kind={markOf(execution)} />
          {executionWords(execution, run?.limit_seconds)}
        </span>
        <Elapsed store={store} execution={execution} />
        {run === undefined ? null : <TimeLeft store={store} execution={execution} run={run} />}
        {execution.progress !== null && isActive ? (
          <ProgressBar progress={execution.progress} />
        ) : null}
      </div>
      {run === undefined ? null : <OverdueBar run={run} execution={execution} kill={stop} />}
      <StopNote problem={stop.problem} />
      {runCommands ? (
        <Output store={store} execution={execution} />
      ) : (
        <p class="note">{NO_OUTPUT}</p>
      )}
    </div>
  );
};

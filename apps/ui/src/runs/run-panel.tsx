/** A run on a VM's page: that VM's part of it. */
import type { Run } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { formatDuration } from '../format/duration.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { Icon } from '../ui/icons.tsx';
import { permissionsIn } from '../state/permissions.ts';
import { MAX_SECONDS } from './draft.ts';
import { RunOutput } from './run-output.tsx';
import { useRunStore } from './run-context.ts';

/** Five times as long. */
const longerThan = (seconds: number): string => formatDuration(Math.min(MAX_SECONDS, seconds * 5));

export const RunPanel = ({
  runId,
  vmId,
  onUseAgain,
}: {
  readonly runId: string;
  readonly vmId: string;
  /** `timeout`: that it should have, where the one it had was too short. */
  readonly onUseAgain: (what: NonNullable<Run['what']>, timeout: string) => void;
}): JSX.Element => {
  const { session } = useApp();
  const { runCommands } = permissionsIn(session.state.value);
  const store = useRunStore(runId);
  void store.tick.value;
  const run = store.run.value;
  const problem = store.problem.value;
  const execution = store.executions().find(({ vm_id: id }) => id === vmId);
  const executionId = execution?.id;
  useEffect(() => {
    if (executionId !== undefined && runCommands) store.watch(executionId);
  }, [store, executionId, runCommands]);
  if (run === undefined) {
    return problem === undefined ? (
      <p class="muted" role="status">
        Loading the run
      </p>
    ) : (
      <ProblemNote problem={problem} onRetry={store.reload} />
    );
  }
  const { what } = run;
  const longer = execution?.timed_out === true ? longerThan(run.limit_seconds) : '';
  return (
    <section class="run-panel" aria-label={`Run: ${run.name}`}>
      {problem === undefined ? null : <ProblemNote problem={problem} onRetry={store.reload} />}
      {execution === undefined ? (
        <p class="secondary">This run was on other VMs.</p>
      ) : (
        <RunOutput
          store={store}
          execution={execution}
          title={
            <>
              <span class="mono">{run.name}</span>
              {run.executions.length > 1 ? (
                <a class="link" href={`/runs/${encodeURIComponent(runId)}`}>
                  on {run.executions.length} VMs
                </a>
              ) : null}
            </>
          }
          tools={
            what !== null && runCommands ? (
              <button type="button" class="button" onClick={() => onUseAgain(what, longer)}>
                <Icon name="again" />
                {longer === '' ? 'Use again' : `Use again, up to ${longer}`}
              </button>
            ) : null
          }
        />
      )}
    </section>
  );
};

/** One run: how it goes on all of its VMs, and what it prints on the one that is looked at. */
import type { Run } from '@innkeeper/protocol';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { permissionsIn } from '../state/permissions.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { NO_OUTPUT } from './execution-words.ts';
import { useRunStore } from './run-context.ts';
import { RunExecutions } from './run-executions.tsx';
import { RunGroups } from './run-groups.tsx';
import { RunHead } from './run-head.tsx';
import { RunOutput } from './run-output.tsx';
import { countExecutions, isOver } from './run-state.ts';
import type { RunStore } from './run-store.ts';
import '../pages/vm/vm-head.css';
import '../ui/form.css';
import '../ui/list.css';
import './runs.css';
import './run-page.css';

const VmTitle = ({ id, name }: { readonly id: string; readonly name: string }): JSX.Element => (
  <a class="link" href={`/vms/${encodeURIComponent(id)}?tab=run`}>
    {name}
  </a>
);

const Chosen = ({ store, run }: { readonly store: RunStore; readonly run: Run }) => {
  const { navigation, session } = useApp();
  const { runCommands } = permissionsIn(session.state.value);
  const [only, second] = run.executions;
  const asked = second === undefined ? only?.id : navigation.place.value.query.get('vm');
  const execution = store.execution(asked ?? undefined);
  const id = execution?.id;
  useEffect(() => {
    if (runCommands) store.watch(id);
  }, [store, id, runCommands]);
  if (execution === undefined) {
    return (
      <p class="muted run-unchosen">
        Choose a VM to see what the command prints there; <kbd>j</kbd> and <kbd>k</kbd> go through
        them.
      </p>
    );
  }
  const { vm_id: vmId, vm_name: name } = execution;
  return (
    <RunOutput store={store} execution={execution} title={<VmTitle id={vmId} name={name} />} />
  );
};

const Absent = (): JSX.Element => (
  <div class="empty">
    <h1>There is no such run</h1>
    <p>It was deleted after its time, or it is none that you may see.</p>
    <a class="button" href="/runs">
      All runs
    </a>
  </div>
);

const Body = ({ store, run }: { readonly store: RunStore; readonly run: Run }): JSX.Element => {
  const { session } = useApp();
  const { runCommands } = permissionsIn(session.state.value);
  void store.tick.value;
  const counts = countExecutions(store.executions());
  useEffect(() => {
    document.title = `${run.name} · Innkeeper`;
  }, [run.name]);
  const isOne = run.executions.length === 1;
  return (
    <>
      <RunHead store={store} run={run} counts={counts} />
      {runCommands ? null : <p class="note">{NO_OUTPUT}</p>}
      {isOne ? null : (
        <>
          {runCommands ? (
            <RunGroups
              runId={run.id}
              ended={counts.succeeded + counts.failed}
              isOver={isOver(run.state)}
            />
          ) : null}
          <h2 class="section-title section">VMs</h2>
        </>
      )}
      <div class={isOne ? 'run-one' : 'run-split'}>
        {isOne ? null : <RunExecutions store={store} run={run} />}
        <Chosen store={store} run={run} />
      </div>
    </>
  );
};

export const RunPage = ({ id }: { readonly id: string }): JSX.Element => {
  const store = useRunStore(id);
  const run = store.run.value;
  const problem = store.problem.value;
  const isAbsent = problem?.status === 404 || problem?.status === 422;
  return (
    <div class="page run-page">
      {problem === undefined ? null : isAbsent ? (
        <Absent />
      ) : (
        <ProblemNote problem={problem} onRetry={store.reload} />
      )}
      {run === undefined ? (
        problem === undefined ? (
          <p class="muted" role="status">
            Loading the run
          </p>
        ) : null
      ) : (
        <Body store={store} run={run} />
      )}
    </div>
  );
};

/** What the manager answers about a run, and its executions as events have told since. */
import { batch, signal, type Signal } from '@preact/signals';
import type { Run, RunExecution } from '@innkeeper/protocol';
import type { Api, ApiProblem } from '../state/api.ts';
import { newerOf } from './run-state.ts';

export interface RunRecord {
  readonly run: Signal<Run | undefined>;
  readonly problem: Signal<ApiProblem | undefined>;
  /** Counts up when an execution has changed. */
  readonly tick: Signal<number>;
  readonly executions: ReadonlyMap<string, RunExecution>;
  tell(execution: RunExecution): void;
  readonly load: () => Promise<void>;
  /** Changes of a run come in bursts. */
  reloadSoon(): void;
  stop(): void;
}

const RELOAD_MS = 300;

export const makeRunRecord = (api: Pick<Api, 'get'>, runId: string): RunRecord => {
  const run = signal<Run | undefined>(undefined);
  const problem = signal<ApiProblem | undefined>(undefined);
  const tick = signal(0);
  const executions = new Map<string, RunExecution>();
  let reloading: ReturnType<typeof setTimeout> | undefined;
  let abort = new AbortController();

  const tell = (told: RunExecution): void => {
    executions.set(told.id, newerOf(executions.get(told.id), told));
  };
  const load = async (): Promise<void> => {
    const { signal: aborted } = abort;
    const path = `/v1/runs/${encodeURIComponent(runId)}`;
    const result = await api.get<Run>(path, { signal: aborted });
    if (aborted.aborted) return;
    batch(() => {
      problem.value = result.ok ? undefined : result.problem;
      if (!result.ok) return;
      for (const told of result.value.executions) tell(told);
      run.value = result.value;
      tick.value += 1;
    });
  };

  return {
    run,
    problem,
    tick,
    executions,
    tell,
    load,
    reloadSoon: () => {
      reloading ??= setTimeout(() => {
        reloading = undefined;
        void load();
      }, RELOAD_MS);
    },
    stop: () => {
      clearTimeout(reloading);
      reloading = undefined;
      abort.abort();
      abort = new AbortController();
    },
  };
};

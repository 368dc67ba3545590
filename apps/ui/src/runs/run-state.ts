/** What is known of a run, put together from answers and from events, which overtake each other. */
import type { RunCounts, RunExecution, RunState } from '@innkeeper/protocol';

export const isOver = (state: RunState): boolean => state === 'finished' || state === 'stopped';

/** The end of an execution is the end: what still says otherwise is older. */
export const newerOf = (known: RunExecution | undefined, told: RunExecution): RunExecution =>
  known !== undefined && known.ended_at !== null && told.ended_at === null ? known : told;

const hasSucceeded = ({ state, exit_code: code }: RunExecution): boolean =>
  state === 'exited' && code === 0;

export type Outcome = 'queued' | 'active' | 'succeeded' | 'failed' | 'cancelled';

export const OUTCOMES = ['failed', 'active', 'queued', 'cancelled', 'succeeded'] as const;

export const outcomeOf = (execution: RunExecution): Outcome => {
  const { state } = execution;
  if (state === 'queued' || state === 'cancelled') return state;
  if (state === 'starting' || state === 'running') return 'active';
  return hasSucceeded(execution) ? 'succeeded' : 'failed';
};

export const countExecutions = (executions: Iterable<RunExecution>): RunCounts => {
  const counts = { total: 0, queued: 0, active: 0, succeeded: 0, failed: 0, cancelled: 0 };
  for (const execution of executions) {
    counts.total += 1;
    counts[outcomeOf(execution)] += 1;
  }
  return counts;
};

/** What needs a person first; by name within. */
export const inOrder = (executions: Iterable<RunExecution>): RunExecution[] =>
  [...executions].toSorted((one, other) => {
    const places = [one, other].map((execution) =>
      execution.overdue_since === null ? OUTCOMES.indexOf(outcomeOf(execution)) : -1,
    );
    const byOutcome = (places[0] ?? 0) - (places[1] ?? 0);
    return byOutcome === 0 ? one.vm_name.localeCompare(other.vm_name) : byOutcome;
  });

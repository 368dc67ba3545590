/** How far a run is, in numbers. */
import type { RunCounts } from '@innkeeper/protocol';
import { hasFailed, hasSucceeded, isOver, type ExecutionRecord } from './run-record.ts';

export const countExecutions = (
  executions: Iterable<Pick<ExecutionRecord, 'state' | 'exitCode'>>,
): RunCounts => {
  const counts = { total: 0, queued: 0, active: 0, succeeded: 0, failed: 0, cancelled: 0 };
  for (const execution of executions) {
    counts.total += 1;
    if (execution.state === 'queued') counts.queued += 1;
    else if (!isOver(execution)) counts.active += 1;
    else if (hasSucceeded(execution)) counts.succeeded += 1;
    else if (hasFailed(execution)) counts.failed += 1;
    else counts.cancelled += 1;
  }
  return counts;
};

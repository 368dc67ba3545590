/** What a run does next, as far as its executions decide it. Pure. */
import type { RunReason, RunState } from '@innkeeper/protocol';
import {
  hasFailed,
  hasSucceeded,
  isOver,
  type ExecutionRecord,
  type RunRecord,
} from './run-record.ts';

type Seen = Pick<ExecutionRecord, 'state' | 'exitCode'>;

export type Next =
  | {
      readonly kind: 'go_on';
      /** Of the queued ones, only those before this position. */ readonly upTo: number;
    }
  | { readonly kind: 'become'; readonly state: RunState; readonly reason: RunReason | undefined };

/**
 * `isCanaryPassed`: somebody has resumed the run after its canaries had failed, or others have begun.
 */
export const whatNext = (
  run: Pick<RunRecord, 'state' | 'reason' | 'canary' | 'maxFailures'>,
  executions: readonly Seen[],
  isCanaryPassed: boolean,
): Next => {
  const allOver = executions.every(isOver);
  if (run.state === 'stopping') {
    return allOver
      ? { kind: 'become', state: 'stopped', reason: run.reason }
      : { kind: 'go_on', upTo: 0 };
  }
  if (allOver) return { kind: 'become', state: 'finished', reason: undefined };
  const failed = executions.filter(hasFailed).length;
  if (run.maxFailures !== undefined && failed >= run.maxFailures) {
    return { kind: 'become', state: 'stopping', reason: 'max_failures' };
  }
  if (run.state === 'paused') return { kind: 'go_on', upTo: 0 };
  if (run.canary === undefined || isCanaryPassed) return { kind: 'go_on', upTo: Infinity };
  const canaries = executions.slice(0, run.canary);
  if (canaries.every(hasSucceeded)) return { kind: 'go_on', upTo: Infinity };
  if (canaries.every(isOver)) {
    return { kind: 'become', state: 'paused', reason: 'canary_failed' };
  }
  return { kind: 'go_on', upTo: run.canary };
};

/** Why what an agent has kept could not be read, for whoever has asked for it. */
import type { Problem } from '../../http/problem.ts';
import { agentProblem } from '../../vms/agent-problem.ts';
import type { PullFailure } from '../../pull/pull-result.ts';

export const readingProblem = ({
  failure,
  isBusy,
}: {
  readonly failure: PullFailure;
  readonly isBusy: boolean;
}): Problem =>
  isBusy
    ? { status: 503, code: 'busy', message: failure.message, headers: { 'retry-after': '2' } }
    : agentProblem(failure);

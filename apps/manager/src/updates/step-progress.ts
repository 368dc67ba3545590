/** How far one VM is, and for how long nothing of use was heard of it. */
import type { UpdateStepState } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { LinkProblem } from './agent-link.ts';
import type { UpdateLimits } from './update-limits.ts';
import { isStepOver, type StepRecord } from './update-record.ts';

export interface StepProgress {
  readonly become: (state: UpdateStepState, problem: StepRecord['problem']) => void;
  /** The agent says nothing of use now. */
  readonly onProblem: (problem: LinkProblem) => void;
  /** It has answered. */
  readonly reached: () => void;
  /** It has taken the order. */
  readonly taken: () => void;
}

export const makeStepProgress = (
  {
    clock,
    limits,
    changed,
  }: {
    readonly clock: Clock;
    readonly limits: Pick<UpdateLimits, 'busyMs' | 'unreachableMs'>;
    readonly changed: (step: StepRecord) => void;
  },
  step: StepRecord,
): StepProgress => {
  let unreachableSince: number | undefined;
  let busySince: number | undefined;

  const become: StepProgress['become'] = (state, problem) => {
    const isSame =
      step.state === state &&
      step.problem?.code === problem?.code &&
      step.problem?.message === problem?.message;
    if (isSame) return;
    step.state = state;
    step.problem = problem;
    if (isStepOver(step)) step.endedAt = clock.now();
    changed(step);
  };

  const waited = (since: number): number => clock.monotonicMs() - since;

  return {
    become,
    onProblem: ({ kind, problem }) => {
      if (kind === 'refused') return become('failed', problem);
      if (kind === 'busy') {
        busySince ??= clock.monotonicMs();
        return become(waited(busySince) > limits.busyMs ? 'failed' : 'waiting', problem);
      }
      unreachableSince ??= clock.monotonicMs();
      const hasBegun = step.sha256 !== undefined;
      const isLost = !hasBegun && waited(unreachableSince) > limits.unreachableMs;
      return become(isLost ? 'failed' : step.state, problem);
    },
    reached: () => {
      unreachableSince = undefined;
    },
    taken: () => {
      busySince = undefined;
    },
  };
};

/** What to do next about one VM, from what its agent says. Pure. */
import type { AgentUpdate, UpdateStepState } from '@innkeeper/protocol';
import type { StepRecord } from './update-record.ts';

type Problem = { readonly code: string; readonly message: string };

export type Decision =
  | { readonly kind: 'end'; readonly state: UpdateStepState; readonly problem: Problem | undefined }
  /** Look again after a while. */
  | {
      readonly kind: 'wait';
      readonly state: UpdateStepState;
      readonly problem: Problem | undefined;
    }
  | { readonly kind: 'order' }
  | { readonly kind: 'confirm' };

/** What the agent is to become; undefined: the manager does not offer it any more. */
export interface Target {
  readonly version: string;
  readonly sha256: string | undefined;
}

const end = (state: UpdateStepState, problem?: Problem): Decision => ({
  kind: 'end',
  state,
  problem,
});
const wait = (state: UpdateStepState, problem?: Problem): Decision => ({
  kind: 'wait',
  state,
  problem,
});

const ofOwnAttempt = (
  attempt: NonNullable<AgentUpdate['attempt']>,
  status: AgentUpdate,
  target: Target,
): Decision | undefined => {
  const problem = attempt.problem ?? undefined;
  switch (attempt.state) {
    case 'downloading':
    case 'swapping':
      return wait(attempt.state);
    case 'trial':
      if (status.version === target.version && status.sha256 === target.sha256) {
        return { kind: 'confirm' };
      }
      // It puts the old one back by itself, as nobody confirms it.
      return wait('checking', {
        code: 'wrong_version',
        message: `it says that it is ${status.version}, and is not what was served`,
      });
    case 'confirmed':
      return end('done');
    case 'returned':
      return end('rolled_back', problem);
    case 'failed':
      // Commands have begun while it downloaded: once more.
      return problem?.code === 'busy' ? { kind: 'order' } : end('failed', problem);
    default: {
      const never: never = attempt.state;
      return never;
    }
  }
};

export const decideStep = (
  step: Pick<StepRecord, 'id' | 'state' | 'sha256'>,
  status: AgentUpdate,
  offered: Target,
): Decision => {
  const { attempt, refusal, artefact } = status;
  const target = { version: offered.version, sha256: step.sha256 ?? offered.sha256 };
  if (attempt?.id === step.id) {
    const own = ofOwnAttempt(attempt, status, target);
    if (own !== undefined) return own;
  }
  const isUnderWay =
    attempt !== null &&
    attempt.id !== step.id &&
    (attempt.state === 'downloading' || attempt.state === 'swapping' || attempt.state === 'trial');
  if (isUnderWay) {
    const message = `another update of it, to ${attempt.version}, is under way`;
    return wait('waiting', { code: 'conflict', message });
  }
  // Also where it was confirmed and has been started again since.
  if (target.sha256 !== undefined && status.sha256 === target.sha256) return end('done');
  if (refusal !== null) return end('failed', refusal);
  if (offered.sha256 === undefined) {
    const message = `the manager does not offer ${artefact} ${offered.version}`;
    return end('failed', { code: 'no_artefact', message });
  }
  return { kind: 'order' };
};

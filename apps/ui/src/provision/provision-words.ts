/** What is said of provisioning: how a step and a round stand, and what can be done about it. */
import type { Provisioning, ProvisioningRound, ProvisioningStep } from '@innkeeper/protocol';
import type { MarkKind } from '../runs/execution-words.ts';

const STEP_MARKS: Readonly<Record<ProvisioningStep['state'], MarkKind>> = {
  waiting: 'waiting',
  running: 'active',
  succeeded: 'good',
  failed: 'bad',
  skipped: 'off',
  cancelled: 'off',
};

export const stepMark = ({ state }: Pick<ProvisioningStep, 'state'>): MarkKind => STEP_MARKS[state];

const failedWords = ({
  exit_code: exitCode,
  signal,
  timed_out: timedOut,
}: ProvisioningStep): string => {
  if (timedOut) return 'took too long, and was ended';
  if (signal !== null) return `ended by ${signal}`;
  return exitCode === null ? 'failed' : `failed with exit code ${exitCode}`;
};

export const stepWords = (step: ProvisioningStep): string => {
  switch (step.state) {
    case 'waiting':
      return 'waits';
    case 'running':
      return step.problem === null ? 'running' : 'waits for the agent';
    case 'succeeded':
      return step.problem?.code === 'already_done' ? 'had run before' : 'done';
    case 'failed':
      return failedWords(step);
    case 'skipped':
      return 'skipped';
    case 'cancelled':
      return 'ended by a restart of the machine';
    default: {
      const never: never = step.state;
      return never;
    }
  }
};

/** What the manager cannot know: what a person does about it. */
const ADVICE: Readonly<Record<string, string>> = {
  already_begun:
    'The guest remembers that it was begun before. See what it did, then run it again or skip it.',
  no_state: 'The agent cannot write to its state_dir, and so cannot note what has run.',
  not_trusted: 'Mend owner and mode of the file in the guest, then run the scripts again.',
  agent_restarted: 'See what it did, then run it again or skip it.',
  not_known: 'See whether it ran, then run it again or skip it.',
};

export const stepAdvice = ({ state, problem }: ProvisioningStep): string | undefined =>
  state === 'failed' && problem !== null && Object.hasOwn(ADVICE, problem.code)
    ? ADVICE[problem.code]
    : undefined;

export const roundMark = ({ state }: Pick<ProvisioningRound, 'state'>): MarkKind => {
  if (state === 'running') return 'active';
  if (state === 'failed') return 'bad';
  return state === 'finished' ? 'good' : 'off';
};

/** Of the steps: how many are behind it, whatever came of them. */
export const stepsDone = ({ steps }: Pick<ProvisioningRound, 'steps'>): number =>
  steps.filter(({ state }) => state === 'succeeded' || state === 'skipped').length;

export const roundWords = (round: ProvisioningRound): string => {
  const { state, steps } = round;
  const [all, done] = [steps.length, stepsDone(round)];
  const count = `${done} of ${all} ${all === 1 ? 'step' : 'steps'}`;
  const failed = steps.find((step) => step.state === 'failed');
  if (state === 'failed') return `${failed?.name ?? 'a step'} failed, ${count} done`;
  if (state === 'superseded') return `the machine was started anew after ${count}`;
  return state === 'finished' ? `finished, ${count}` : `running, ${count} done`;
};

export const causeWords = ({
  cause,
  requested_by: by,
}: Pick<ProvisioningRound, 'cause' | 'requested_by'>): string =>
  cause === 'boot' ? 'at the start of the machine' : `asked for by ${by ?? 'somebody'}`;

export const whenWords = (when: Provisioning['when']): string =>
  when === 'first_boot' ? 'first boot' : 'every boot';

export const targetWords = (
  { vm_id: vmId, selector }: Pick<Provisioning, 'vm_id' | 'selector'>,
  nameOf: (vmId: string) => string | undefined,
): string => {
  if (vmId !== null) return nameOf(vmId) ?? vmId;
  return selector === null || selector.trim() === '' ? 'all VMs' : selector;
};

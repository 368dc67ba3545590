/**
 * One VM from the order to its end. Whoever runs it has nothing to remember: each turn begins with
 * what the agent says, so that a manager that was killed goes on where the agent is.
 */
import type { AgentUpdate, AgentUpdateOrder } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import { makeNap } from '../runs/nap.ts';
import type { Vms } from '../vms/vm-record.ts';
import type { AgentLink } from './agent-link.ts';
import { decideStep, type Decision, type Target } from './decide-step.ts';
import { makeStepProgress } from './step-progress.ts';
import type { UpdateLimits } from './update-limits.ts';
import { isStepOver, type StepRecord, type UpdateRecord } from './update-record.ts';

export interface Offer {
  /** Of all artefacts; undefined: no agent was built. */
  readonly version: string | undefined;
  sha256Of(artefact: string): string | undefined;
  /** As the agent gets them. */
  signedManifest(): Pick<AgentUpdateOrder, 'manifest' | 'signature'>;
}

export interface StepDependencies {
  readonly vms: Pick<Vms, 'get'>;
  readonly link: AgentLink;
  readonly offer: Offer;
  readonly clock: Clock;
  readonly limits: UpdateLimits;
  /** The step is another one than before: to be written, and shown. */
  readonly changed: (step: StepRecord) => void;
  /** An agent has said which version it is. */
  readonly onSeen: (vmId: string, version: string) => void;
}

export interface RunningStep {
  readonly ended: Promise<void>;
  /** Ends what has not begun; what the agent was told, it does. */
  cancel(): void;
  close(): void;
}

export const startStep = (
  dependencies: StepDependencies,
  update: UpdateRecord,
  step: StepRecord,
): RunningStep => {
  const { vms, link, offer, clock, limits, changed } = dependencies;
  const nap = makeNap();
  const subject = update.actor.name;
  let isClosed = false;
  let isCancelled = false;
  const progress = makeStepProgress(dependencies, step);
  const { become, onProblem } = progress;

  const order = async (vm: NonNullable<ReturnType<Vms['get']>>, status: AgentUpdate) => {
    if (isCancelled) return become('cancelled', undefined);
    step.sha256 = offer.sha256Of(status.artefact);
    // Before it is sent: whoever finds this step later must know what was ordered.
    changed(step);
    const outcome = await link.order(
      vm,
      {
        id: step.id,
        ...offer.signedManifest(),
        allow_downgrade: update.allowDowngrade,
        trial_seconds: limits.trialSeconds,
      },
      subject,
    );
    if (!outcome.ok) {
      if (outcome.kind !== 'failed') step.sha256 = undefined;
      return onProblem(outcome);
    }
    progress.taken();
    return become('downloading', undefined);
  };

  const act = async (
    vm: NonNullable<ReturnType<Vms['get']>>,
    status: AgentUpdate,
    decision: Decision,
  ): Promise<void> => {
    switch (decision.kind) {
      case 'end':
        return become(decision.state, decision.problem);
      case 'wait':
        if (decision.problem?.code === 'conflict') {
          return onProblem({ ok: false, kind: 'busy', problem: decision.problem });
        }
        return become(decision.state, decision.problem);
      case 'order':
        return order(vm, status);
      case 'confirm': {
        become('checking', undefined);
        const outcome = await link.confirm(vm, step.id, subject);
        if (outcome.ok) become('done', undefined);
        // Refused: what it is by now, the next look tells.
        return undefined;
      }
      default: {
        const never: never = decision;
        return never;
      }
    }
  };

  const turn = async (): Promise<void> => {
    const vm = vms.get(step.vmId);
    if (vm === undefined) {
      const message = 'the VM is not registered any more';
      return become('failed', { code: 'vm_not_found', message });
    }
    const looked = await link.look(vm);
    if (isClosed) return undefined;
    if (!looked.ok) {
      if (isCancelled && step.sha256 === undefined) return become('cancelled', undefined);
      return onProblem(looked);
    }
    progress.reached();
    const { status } = looked;
    dependencies.onSeen(step.vmId, status.version);
    if (step.fromVersion === undefined || step.artefact === undefined) {
      step.fromVersion = status.version;
      step.artefact = status.artefact;
      changed(step);
    }
    const sha256 = offer.version === update.version ? offer.sha256Of(status.artefact) : undefined;
    const target: Target = { version: update.version, sha256 };
    return act(vm, status, decideStep(step, status, target));
  };

  const run = async (): Promise<void> => {
    step.startedAt ??= clock.now();
    const { startedAt } = step;
    while (!isClosed && !isStepOver(step)) {
      await turn();
      if (isClosed || isStepOver(step)) return;
      if (clock.now() - startedAt > limits.stepMs) {
        const seen = step.problem?.message ?? `it was ${step.state}`;
        return become('failed', { code: 'overdue', message: `it is not done; at last ${seen}` });
      }
      await nap.sleep(limits.lookMs);
    }
    return undefined;
  };

  return {
    ended: run(),
    cancel: () => {
      isCancelled = true;
      nap.wake();
    },
    close: () => {
      isClosed = true;
      nap.wake();
    },
  };
};

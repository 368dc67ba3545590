/** An update and its steps as the manager keeps them in memory until they are over. */
import type {
  RunReason,
  RunState,
  Update,
  UpdateCounts,
  UpdateStep,
  UpdateStepState,
  UpdateSummary,
} from '@innkeeper/protocol';

export interface UpdateRecord {
  readonly key: number;
  readonly id: string;
  /** What the manager served when it was asked for. */
  readonly version: string;
  readonly selector: string | undefined;
  readonly concurrency: number;
  readonly canary: number | undefined;
  readonly maxFailures: number | undefined;
  readonly allowDowngrade: boolean;
  readonly actor: { readonly kind: 'token' | 'session' | 'system'; readonly name: string };
  readonly createdAt: number;
  state: RunState;
  reason: RunReason | undefined;
  endedAt: number | undefined;
}

export interface StepRecord {
  readonly key: number;
  readonly id: string;
  readonly vmId: string;
  readonly vmName: string;
  state: UpdateStepState;
  fromVersion: string | undefined;
  artefact: string | undefined;
  /** Of what it was told to become; undefined: it was told nothing yet. */
  sha256: string | undefined;
  startedAt: number | undefined;
  endedAt: number | undefined;
  problem: { readonly code: string; readonly message: string } | undefined;
}

const OVER: ReadonlySet<UpdateStepState> = new Set(['done', 'rolled_back', 'failed', 'cancelled']);
export const isStepOver = ({ state }: Pick<StepRecord, 'state'>): boolean => OVER.has(state);

/** As an execution of a run, for what decides how runs go on. */
export const asExecution = ({ state }: Pick<StepRecord, 'state'>) => {
  switch (state) {
    case 'waiting':
      return { state: 'queued', exitCode: undefined } as const;
    case 'downloading':
    case 'swapping':
    case 'checking':
      return { state: 'running', exitCode: undefined } as const;
    case 'done':
      return { state: 'exited', exitCode: 0 } as const;
    case 'rolled_back':
    case 'failed':
      return { state: 'exited', exitCode: 1 } as const;
    case 'cancelled':
      return { state: 'cancelled', exitCode: undefined } as const;
    default: {
      const never: never = state;
      return never;
    }
  }
};

const presentStep = (step: StepRecord): UpdateStep => ({
  id: step.id,
  vm_id: step.vmId,
  vm_name: step.vmName,
  state: step.state,
  from_version: step.fromVersion ?? null,
  artefact: step.artefact ?? null,
  started_at: step.startedAt ?? null,
  ended_at: step.endedAt ?? null,
  problem: step.problem ?? null,
});

const countSteps = (steps: readonly StepRecord[]): UpdateCounts => {
  const count = (...states: readonly UpdateStepState[]): number =>
    steps.filter(({ state }) => states.includes(state)).length;
  return {
    total: steps.length,
    waiting: count('waiting'),
    active: count('downloading', 'swapping', 'checking'),
    done: count('done'),
    failed: count('rolled_back', 'failed'),
    cancelled: count('cancelled'),
  };
};

export const presentSummary = (
  update: UpdateRecord,
  steps: readonly StepRecord[],
): UpdateSummary => ({
  id: update.id,
  version: update.version,
  state: update.state,
  reason: update.reason ?? null,
  actor: update.actor,
  created_at: update.createdAt,
  ended_at: update.endedAt ?? null,
  counts: countSteps(steps),
});

export const presentUpdate = (update: UpdateRecord, steps: readonly StepRecord[]): Update => ({
  ...presentSummary(update, steps),
  concurrency: update.concurrency,
  canary: update.canary ?? null,
  max_failures: update.maxFailures ?? null,
  allow_downgrade: update.allowDowngrade,
  selector: update.selector ?? null,
  steps: steps.map(presentStep),
});

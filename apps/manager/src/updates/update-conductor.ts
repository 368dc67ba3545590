/** One update: which steps are begun, when to pause and when to stop. What runs do, decided alike. */
import type { RunReason, RunState } from '@innkeeper/protocol';
import { whatNext } from '../runs/what-next.ts';
import { startStep, type RunningStep, type StepDependencies } from './run-step.ts';
import { asExecution, isStepOver, type StepRecord, type UpdateRecord } from './update-record.ts';

export interface UpdateConductor {
  readonly update: UpdateRecord;
  readonly steps: readonly StepRecord[];
  start(): void;
  pause(): void;
  resume(): void;
  stop(): void;
  /** Leaves agents alone; settles when nobody is asked any more. */
  close(): Promise<void>;
}

export interface ConductedUpdate {
  readonly update: UpdateRecord;
  readonly steps: readonly StepRecord[];
  readonly updateChanged: () => void;
  readonly onEnded: () => void;
}

export const makeUpdateConductor = (
  dependencies: StepDependencies,
  { update, steps, updateChanged, onEnded }: ConductedUpdate,
): UpdateConductor => {
  const { clock, changed } = dependencies;
  const running = new Map<StepRecord, RunningStep>();
  let isCanaryPassed = steps.slice(update.canary ?? 0).some(({ state }) => state !== 'waiting');
  let isClosed = false;
  let isPumping = false;

  const become = (state: RunState, reason: RunReason | undefined): void => {
    update.state = state;
    update.reason = reason;
    const isOver = state === 'stopped' || state === 'finished';
    if (isOver) update.endedAt = clock.now();
    updateChanged();
    if (isOver) {
      isClosed = true;
      onEnded();
    }
  };

  const cancelWaiting = (): void => {
    for (const step of steps) {
      const session = running.get(step);
      if (session !== undefined) {
        session.cancel();
      } else if (step.state === 'waiting') {
        step.state = 'cancelled';
        step.endedAt = clock.now();
        changed(step);
      }
    }
  };

  const follow = async (step: StepRecord, session: RunningStep): Promise<void> => {
    try {
      await session.ended;
    } finally {
      running.delete(step);
      pump();
    }
  };

  const beginWhatMay = (upTo: number): void => {
    for (const [position, step] of steps.entries()) {
      if (running.size >= update.concurrency) return;
      if (isStepOver(step) || running.has(step)) continue;
      // What may have begun is taken up again, whatever the update does.
      if (step.sha256 === undefined && position >= upTo) continue;
      const session = startStep(dependencies, update, step);
      running.set(step, session);
      void follow(step, session);
    }
  };

  function pump(): void {
    if (isPumping) return;
    isPumping = true;
    for (let isSettled = false; !isSettled && !isClosed;) {
      const next = whatNext(update, steps.map(asExecution), isCanaryPassed);
      isSettled = next.kind === 'go_on';
      if (next.kind === 'go_on') {
        beginWhatMay(next.upTo);
      } else {
        become(next.state, next.reason);
        if (next.state === 'stopping') cancelWaiting();
      }
    }
    isPumping = false;
  }

  return {
    update,
    steps,
    start: () => {
      if (update.state === 'stopping') cancelWaiting();
      pump();
    },
    pause: () => become('paused', 'requested'),
    resume: () => {
      isCanaryPassed ||= update.reason === 'canary_failed';
      become('running', undefined);
      pump();
    },
    stop: () => {
      if (update.state !== 'stopping') become('stopping', 'requested');
      cancelWaiting();
      pump();
    },
    close: async () => {
      isClosed = true;
      const sessions = [...running.values()];
      for (const session of sessions) session.close();
      await Promise.all(sessions.map(async ({ ended }) => ended));
    },
  };
};

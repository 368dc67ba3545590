/** Writes updates and steps as they are now: as often as it takes, and each but once at a time. */
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import { makeNap } from '../runs/nap.ts';
import { saveStep } from './sql/save-step.ts';
import { saveUpdate } from './sql/save-update.ts';
import type { StepRecord, UpdateRecord } from './update-record.ts';

export interface UpdateWriter {
  step(step: StepRecord): void;
  update(update: UpdateRecord): void;
  /** Tries once more what is not written, and gives up. */
  stop(): Promise<void>;
}

export const makeUpdateWriter = ({
  database,
  retryMs,
  log,
}: {
  readonly database: Database;
  readonly retryMs: number;
  readonly log: Log;
}): UpdateWriter => {
  /** Bounded by what is under way: a record is in it once. */
  const steps = new Set<StepRecord>();
  const updates = new Set<UpdateRecord>();
  const nap = makeNap();
  let work: Promise<void> | undefined;
  let isStopped = false;

  const flush = async (): Promise<boolean> => {
    const [someSteps, someUpdates] = [[...steps], [...updates]];
    steps.clear();
    updates.clear();
    try {
      await database.transaction(async (transaction) => {
        for (const step of someSteps) await saveStep(transaction, step);
        for (const update of someUpdates) await saveUpdate(transaction, update);
      });
      return true;
    } catch (error) {
      for (const step of someSteps) steps.add(step);
      for (const update of someUpdates) updates.add(update);
      log.warn('updates of agents cannot be written', { error });
      return false;
    }
  };

  const run = async (): Promise<void> => {
    while (steps.size + updates.size > 0) {
      if (!(await flush())) {
        if (isStopped) return;
        await nap.sleep(retryMs);
      }
    }
  };

  const begin = (): void => {
    work ??= run().finally(() => {
      work = undefined;
      if (!isStopped && steps.size + updates.size > 0) begin();
    });
  };

  return {
    step: (step) => {
      steps.add(step);
      begin();
    },
    update: (update) => {
      updates.add(update);
      begin();
    },
    stop: async () => {
      isStopped = true;
      nap.wake();
      await work;
    },
  };
};

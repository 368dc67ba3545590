/** All updates that are not over: begun here, or found in the database after a restart. */
import { recordAudit } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import type { Problem } from '../http/problem.ts';
import type { Log } from '../log.ts';
import type { By } from '../runs/runs.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { createUpdate, type NewUpdate, type SeenUpdate } from './create-update.ts';
import type { StepDependencies } from './run-step.ts';
import { getSteps } from './sql/get-steps.ts';
import { getUnfinishedUpdates } from './sql/get-unfinished-updates.ts';
import { makeUpdateConductor, type UpdateConductor } from './update-conductor.ts';
import type { StepRecord, UpdateRecord } from './update-record.ts';
import type { UpdateWriter } from './update-writer.ts';

export type Control = 'stop' | 'pause' | 'resume';

export interface Updates {
  /** Takes up what an earlier manager has left. */
  load(): Promise<void>;
  begin(
    by: By,
    given: NewUpdate,
  ): Promise<{ ok: true; id: string } | { ok: false; problem: Problem }>;
  control(by: By, id: string, control: Control): Promise<Problem | undefined>;
  /** As it is now, where it is not over. */
  active(id: string): SeenUpdate | undefined;
  close(): Promise<void>;
}

export interface UpdatesDependencies extends Omit<StepDependencies, 'changed'> {
  readonly database: Database;
  readonly writer: UpdateWriter;
  /** A step is another one than before. */
  readonly onStep: (step: StepRecord) => void;
  readonly log: Log;
}

const OVER: Problem = { status: 409, code: 'update_over', message: 'the update is over' };
const NOT_BUILT: Problem = {
  status: 409,
  code: 'not_built',
  message: 'this manager has no agent to update to: npm run build makes one',
};

const conflict = (code: string, message: string): Problem => ({ status: 409, code, message });

const problemOf = ({ state }: UpdateRecord, control: Control): Problem | undefined => {
  const isRight =
    control === 'stop' || (control === 'pause' ? state === 'running' : state === 'paused');
  return isRight ? undefined : conflict('wrong_state', `the update is ${state}`);
};

export const makeUpdates = (dependencies: UpdatesDependencies): Updates => {
  const { database, writer, link, offer, clock, limits, onStep, log } = dependencies;
  const conductors = new Map<string, UpdateConductor>();
  let isClosed = false;

  const changed = (step: StepRecord): void => {
    writer.step(step);
    onStep(step);
  };

  const conduct = ({ update, steps }: SeenUpdate): void => {
    const conductor = makeUpdateConductor(
      { ...dependencies, changed },
      {
        update,
        steps,
        updateChanged: () => writer.update(update),
        onEnded: () => {
          conductors.delete(update.id);
          const { id, version, state } = update;
          log.info('an update of agents has ended', { update_id: id, version, state });
        },
      },
    );
    conductors.set(update.id, conductor);
    for (const step of steps) onStep(step);
    conductor.start();
  };

  /** Two at one time would only wait for each other. */
  const takenBy = (vms: readonly VmRecord[]): VmRecord | undefined => {
    const taken = new Set(
      [...conductors.values()].flatMap(({ steps }) =>
        steps.filter(({ endedAt }) => endedAt === undefined).map(({ vmId }) => vmId),
      ),
    );
    return vms.find(({ id }) => taken.has(id));
  };

  return {
    load: async () => {
      const unfinished = await getUnfinishedUpdates(database);
      const steps = await getSteps(
        database,
        unfinished.map(({ key }) => key),
      );
      for (const update of unfinished) {
        log.info('an update of agents is taken up again', { update_id: update.id });
        conduct({ update, steps: steps.get(update.key) ?? [] });
      }
    },
    begin: async (by, given) => {
      const { version } = offer;
      if (version === undefined) return { ok: false, problem: NOT_BUILT };
      const taken = takenBy(given.vms);
      if (taken !== undefined) {
        const message = `${taken.name} is being updated already`;
        return { ok: false, problem: conflict('update_under_way', message) };
      }
      if (conductors.size >= limits.maxActive) {
        const message = `${limits.maxActive} updates are under way`;
        return { ok: false, problem: { status: 429, code: 'busy', message } };
      }
      const how = { database, now: clock.now(), keep: limits.maxKept };
      const created = await createUpdate(how, by, given, version);
      if (!isClosed) conduct(created);
      return { ok: true, id: created.update.id };
    },
    control: async ({ actor, request }, id, control) => {
      const conductor = conductors.get(id);
      if (conductor === undefined) return OVER;
      const before = problemOf(conductor.update, control);
      if (before !== undefined) return before;
      const target = { kind: 'update', id, name: conductor.update.version };
      const action = `update.${control}`;
      await recordAudit(database, { actor, action, target, detail: {}, request });
      // It may have ended, or changed, in the meantime.
      const problem = conductors.has(id) ? problemOf(conductor.update, control) : OVER;
      if (problem === undefined) conductor[control]();
      return problem;
    },
    active: (id) => conductors.get(id),
    close: async () => {
      isClosed = true;
      const closing = [...conductors.values()].map(async (conductor) => conductor.close());
      await link.close();
      await Promise.all(closing);
    },
  };
};

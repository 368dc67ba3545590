/** All runs that are not over: begun here, or found in the database after a restart. */
import type { TimeoutAnswer } from '@innkeeper/protocol';
import { recordAudit } from '../audit/audit.ts';
import type { Actor } from '../auth/actor.ts';
import type { Database } from '../database/database.ts';
import type { Problem } from '../http/problem.ts';
import type { RequestFacts } from '../http/route.ts';
import type { ChangedBy } from '../vms/outcome.ts';
import { askAt, spanOf } from './overdue-watch.ts';
import { makeConductor, type Conductor, type ConductorDependencies } from './conductor.ts';
import { createRun, type NewRun } from './create-run.ts';
import type { ExecutionRecord, RunRecord } from './run-record.ts';
import { makeSlots } from './slots.ts';
import { getExecutions } from './sql/get-executions.ts';
import { getUnfinishedRuns } from './sql/get-unfinished-runs.ts';

export interface By {
  readonly actor: Actor;
  readonly request: RequestFacts;
}

/** `begun`: also a run that is taken up again. `ended`: the last of it may not be written yet. */
export type RunListener = (
  kind: 'begun' | 'ended',
  run: RunRecord,
  executions: readonly ExecutionRecord[],
) => void;

export type Control = 'stop' | 'pause' | 'resume';

export interface RunsStats {
  readonly active: number;
  readonly executing: number;
  readonly begun: number;
  readonly ended: number;
  readonly reconnects: number;
  readonly badEvents: number;
}

export interface Runs {
  /** Takes up what an earlier manager has left. */
  load(): Promise<void>;
  begin(
    by: ChangedBy,
    run: NewRun,
  ): Promise<{ ok: true; id: string } | { ok: false; problem: Problem }>;
  control(by: ChangedBy, id: string, control: Control): Promise<Problem | undefined>;
  stopExecution(by: By, id: string, executionId: string): Promise<Problem | undefined>;
  /** What becomes of a command at its timeout; it may be said before, and again. */
  answerTimeout(
    by: By,
    id: string,
    executionId: string,
    answer: TimeoutAnswer,
  ): Promise<Problem | undefined>;
  agentAnswers(vmId: string): void;
  /** It is not over yet. */
  isActive(id: string): boolean;
  onRun(listener: RunListener): () => void;
  stats(): RunsStats;
  /** Leaves what runs in guests alone. */
  close(): Promise<void>;
}

const detailOf = ({ id, vmId, vmName }: ExecutionRecord) => ({
  execution_id: id,
  vm_id: vmId,
  vm: vmName,
});

const OVER: Problem = { status: 409, code: 'run_over', message: 'the run is over' };

const conflict = (message: string): Problem => ({ status: 409, code: 'wrong_state', message });

const problemOf = ({ state }: RunRecord, control: Control): Problem | undefined => {
  if (control === 'pause' && state !== 'running') return conflict(`the run is ${state}`);
  if (control === 'resume' && state !== 'paused') return conflict(`the run is ${state}`);
  return undefined;
};

/** One that was left may be asked about again. */
const timeoutProblemOf = (run: RunRecord, execution: ExecutionRecord): Problem | undefined => {
  if (run.askAfterSeconds === undefined) {
    return conflict('the run ends its commands at their timeout (on_timeout is kill)');
  }
  if (askAt(run, { ...execution, leftAt: undefined }) !== undefined) return undefined;
  const { state, stopRequestedAt } = execution;
  return conflict(
    state === 'running' && stopRequestedAt !== undefined
      ? 'the command is being stopped'
      : `the command is ${state}`,
  );
};

export interface RunsDependencies extends Omit<ConductorDependencies, 'slots' | 'counters'> {
  readonly database: Database;
  /** Before anything of it is written; also for those that are taken up again. */
  readonly onBegun: (run: RunRecord, executions: readonly ExecutionRecord[]) => void;
}

export const makeRuns = (dependencies: RunsDependencies): Runs => {
  const { database, limits, clock, log } = dependencies;
  const slots = makeSlots(limits.maxExecuting);
  const counters = { reconnects: 0, bad: 0 };
  const conductors = new Map<string, Conductor>();
  const listeners = new Set<RunListener>();
  let begun = 0;
  let ended = 0;
  /** Being written: they count already. */
  let beginning = 0;
  let isClosed = false;

  const conduct = (
    run: RunRecord,
    executions: readonly ExecutionRecord[],
    lastSeq: number,
  ): void => {
    const conductor = makeConductor(
      { ...dependencies, slots, counters },
      {
        run,
        executions,
        lastSeq,
        onEnded: () => {
          conductors.delete(run.id);
          ended += 1;
          for (const listener of listeners) listener('ended', run, executions);
        },
      },
    );
    conductors.set(run.id, conductor);
    dependencies.onBegun(run, executions);
    for (const listener of listeners) listener('begun', run, executions);
    conductor.start();
  };

  const audit = async (
    by: ChangedBy,
    action: string,
    run: RunRecord,
    detail = {},
  ): Promise<void> => {
    const target = { kind: 'run', id: run.id, name: run.name };
    await recordAudit(database, { ...by, action, target, detail });
  };

  return {
    load: async () => {
      for (const { run, lastSeq } of await getUnfinishedRuns(database)) {
        const executions = await getExecutions(database, run.key);
        log.info('a run is taken up again', { run_id: run.id, executions: executions.length });
        conduct(run, executions, lastSeq);
      }
    },
    begin: async (by, given) => {
      if (conductors.size + beginning >= limits.maxActiveRuns) {
        const message = `${limits.maxActiveRuns} runs are under way`;
        return { ok: false, problem: { status: 429, code: 'busy', message } };
      }
      beginning += 1;
      try {
        const { run, executions } = await createRun({ database, now: clock.now() }, by, given);
        begun += 1;
        if (!isClosed) conduct(run, executions, 0);
        return { ok: true, id: run.id };
      } finally {
        beginning -= 1;
      }
    },
    control: async (by, id, control) => {
      const conductor = conductors.get(id);
      if (conductor === undefined) return OVER;
      const before = problemOf(conductor.run, control);
      if (before !== undefined) return before;
      await audit(by, `run.${control}`, conductor.run);
      // It may have ended, or changed, in the meantime.
      const problem = conductors.has(id) ? problemOf(conductor.run, control) : OVER;
      if (problem === undefined) conductor[control]();
      return problem;
    },
    stopExecution: async (by, id, executionId) => {
      const conductor = conductors.get(id);
      const execution = conductor?.executions.find((one) => one.id === executionId);
      if (conductor === undefined || execution === undefined) return OVER;
      await audit(by, 'run.stop_execution', conductor.run, detailOf(execution));
      if (!conductors.has(id)) return OVER;
      conductor.stopExecution(execution);
      return undefined;
    },
    answerTimeout: async (by, id, executionId, answer) => {
      const conductor = conductors.get(id);
      const execution = conductor?.executions.find((one) => one.id === executionId);
      if (conductor === undefined || execution === undefined) return OVER;
      const before = timeoutProblemOf(conductor.run, execution);
      if (before !== undefined) return before;
      await audit(by, `run.timeout_${answer.action}`, conductor.run, {
        ...detailOf(execution),
        ...(answer.action === 'wait' && { seconds: spanOf(conductor.run, answer) }),
      });
      const problem = conductors.has(id) ? timeoutProblemOf(conductor.run, execution) : OVER;
      if (problem === undefined) conductor.answerTimeout(execution, answer);
      return problem;
    },
    agentAnswers: (vmId) => {
      for (const conductor of conductors.values()) conductor.agentAnswers(vmId);
    },
    isActive: (id) => conductors.has(id),
    onRun: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stats: () => ({
      active: conductors.size,
      executing: slots.taken(),
      begun,
      ended,
      reconnects: counters.reconnects,
      badEvents: counters.bad,
    }),
    close: async () => {
      isClosed = true;
      await Promise.all([...conductors.values()].map(async (conductor) => conductor.close()));
    },
  };
};

/** What routes ask about runs: from the database, as far as the actor may see it. */
import type { Actor } from '../auth/actor.ts';
import type { Action } from '../auth/authorize.ts';
import type { Database } from '../database/database.ts';
import type { Problem } from '../http/problem.ts';
import type { RunAccess } from './run-access.ts';
import type { ExecutionRecord, RunRecord } from './run-record.ts';
import { getExecutions } from './sql/get-executions.ts';
import { getRun } from './sql/get-run.ts';

export interface SeenRun {
  readonly run: RunRecord;
  /** Those that the actor may see; at least one. */
  readonly executions: readonly ExecutionRecord[];
  /** There are others. */
  readonly hasHidden: boolean;
}

export type Found<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem };

export interface RunQuestions {
  find(actor: Actor, runId: string): Promise<Found<SeenRun>>;
  findExecution(
    actor: Actor,
    action: Action,
    runId: string,
    executionId: string,
  ): Promise<Found<{ readonly run: RunRecord; readonly execution: ExecutionRecord }>>;
}

const RUN_NOT_FOUND: Problem = {
  status: 404,
  code: 'run_not_found',
  message: 'there is no run with this id',
};
const EXECUTION_NOT_FOUND: Problem = {
  status: 404,
  code: 'execution_not_found',
  message: 'the run has no execution with this id',
};

export const makeRunQuestions = (database: Database, access: RunAccess): RunQuestions => {
  const find: RunQuestions['find'] = async (actor, runId) => {
    const run = await getRun(database, runId);
    if (run === undefined) return { ok: false, problem: RUN_NOT_FOUND };
    const all = await getExecutions(database, run.key);
    const executions = all.filter(({ vmId }) => access.may(actor, 'run.read', vmId));
    // Who may see none of its VMs does not learn that there was one.
    if (executions.length === 0) return { ok: false, problem: RUN_NOT_FOUND };
    return { ok: true, value: { run, executions, hasHidden: executions.length < all.length } };
  };

  return {
    find,
    findExecution: async (actor, action, runId, executionId) => {
      const found = await find(actor, runId);
      if (!found.ok) return found;
      const execution = found.value.executions.find(({ id }) => id === executionId);
      if (execution === undefined) return { ok: false, problem: EXECUTION_NOT_FOUND };
      if (access.may(actor, action, execution.vmId)) {
        return { ok: true, value: { run: found.value.run, execution } };
      }
      const message = `the role ${actor.role} may not do this (${action})`;
      return { ok: false, problem: { status: 403, code: 'forbidden', message } };
    },
  };
};

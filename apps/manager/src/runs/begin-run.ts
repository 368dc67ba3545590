/** From a request to a run: who may, what, on which VMs. */
import type { Command, RunCreate, RunTargets } from '@innkeeper/protocol';
import type { Actor } from '../auth/actor.ts';
import type { Database } from '../database/database.ts';
import type { Problem } from '../http/problem.ts';
import { parseLabelSelector } from '../vms/label-selector.ts';
import type { Vms } from '../vms/vm-record.ts';
import { chooseTargets } from './choose-targets.ts';
import type { RunLimits } from './limits.ts';
import type { ExecutionRecord, RunRecord } from './run-record.ts';
import { hasFailed } from './run-record.ts';
import type { By, Runs } from './runs.ts';
import { getCommand } from './sql/get-command.ts';
import { resolveWhat, type Asked } from './what-to-run.ts';

export type Begun =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly problem: Problem };

export interface BeginRun {
  begin(by: By, asked: Asked, targets: RunTargets, how: How): Promise<Begun>;
  retry(by: By, run: RunRecord, executions: readonly ExecutionRecord[]): Promise<Begun>;
}

export type How = Pick<RunCreate, 'concurrency' | 'canary' | 'max_failures'>;

const COMMAND_NOT_FOUND: Problem = {
  status: 422,
  code: 'command_not_found',
  message: 'body: command_id is no saved command',
};

/** Whoever may not run it may not change it either. */
export const mayUse = (actor: Pick<Actor, 'role'>, { run_by: runBy }: Pick<Command, 'run_by'>) =>
  actor.role === 'admin' || runBy === actor.role;

const no = (problem: Problem): Begun => ({ ok: false, problem });

export const makeBeginRun = ({
  database,
  vms,
  runs,
  limits,
}: {
  readonly database: Database;
  readonly vms: Pick<Vms, 'get' | 'all'>;
  readonly runs: Pick<Runs, 'begin'>;
  readonly limits: RunLimits;
}): BeginRun => {
  const findCommand = async (
    actor: Actor,
    id: string | undefined,
  ): Promise<{ ok: true; command: Command | undefined } | { ok: false; problem: Problem }> => {
    if (id === undefined) return { ok: true, command: undefined };
    const command = await getCommand(database, id);
    if (command === undefined) return { ok: false, problem: COMMAND_NOT_FOUND };
    if (mayUse(actor, command)) return { ok: true, command };
    const message = `this command is for the role ${command.run_by}`;
    return { ok: false, problem: { status: 403, code: 'forbidden', message } };
  };

  return {
    begin: async (by, asked, targets, how) => {
      const found = await findCommand(by.actor, asked.command_id);
      if (!found.ok) return found;
      const { command } = found;
      const what = resolveWhat(asked, command, limits);
      if (!what.ok) return what;
      const onlyOn = command?.only_on ?? null;
      const parsed = onlyOn === null ? undefined : parseLabelSelector(onlyOn);
      const selector = parsed?.ok === true ? parsed.selector : undefined;
      const chosen = chooseTargets(vms, by.actor, targets, selector);
      if (!chosen.ok) return no(chosen.problem);
      return runs.begin(by, {
        name: what.name,
        request: what.request,
        askAfterSeconds: what.askAfterSeconds,
        commandId: what.commandId,
        retryOf: undefined,
        selector: chosen.selector,
        concurrency: how.concurrency,
        canary: how.canary,
        maxFailures: how.max_failures,
        waitMs: asked.offline === 'wait' ? asked.wait_seconds * 1000 : undefined,
        vms: chosen.vms,
      });
    },
    retry: async (by, run, executions) => {
      // Whoever may run a saved command may change; this run is of what it was then.
      const found = await findCommand(by.actor, run.commandId);
      if (!found.ok && found.problem.status === 403) return found;
      const again = executions.filter((one) => hasFailed(one) || one.state === 'cancelled');
      if (again.length === 0) {
        const message = 'nothing of the run has failed or was cancelled';
        return no({ status: 409, code: 'nothing_to_retry', message });
      }
      const targets = { vm_ids: again.map(({ vmId }) => vmId) };
      const chosen = chooseTargets(vms, by.actor, targets, undefined);
      if (!chosen.ok) return no(chosen.problem);
      const waited = run.waitUntil === undefined ? undefined : run.waitUntil - run.createdAt;
      return runs.begin(by, {
        name: run.name,
        request: run.request,
        askAfterSeconds: run.askAfterSeconds,
        commandId: run.commandId,
        retryOf: run.id,
        selector: run.selector,
        concurrency: run.concurrency,
        canary: undefined,
        maxFailures: run.maxFailures,
        waitMs: waited,
        vms: chosen.vms,
      });
    },
  };
};

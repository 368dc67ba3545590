/**
 * One step further with one VM, again and again until there is nothing to do now. All that it knows
 * is in the database, so that a manager that was killed goes on where it was: a step is `running`
 * from the transaction on that makes its run, and the run is never begun twice (docs/adr/0018).
 */
import type { ExecRequest } from '@innkeeper/protocol';
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import type { Runs } from '../runs/runs.ts';
import type { ChangedBy } from '../vms/outcome.ts';
import type { VmRecord, Vms } from '../vms/vm-record.ts';
import { beginRound } from './begin-round.ts';
import type { Boots } from './boots.ts';
import type { ListGuestScripts } from './guest-scripts.ts';
import { lastLines } from './last-lines.ts';
import { beginStep } from './sql/begin-step.ts';
import { cancelSteps } from './sql/cancel-steps.ts';
import { endStep, type StepEnd } from './sql/end-step.ts';
import { getLastOutput } from './sql/get-last-output.ts';
import { getScript } from './sql/get-script.ts';
import { getStepExecution } from './sql/get-step-execution.ts';
import { insertDone } from './sql/insert-done.ts';
import { listRounds } from './sql/list-rounds.ts';
import type { RoundRow, StepRow } from './sql/round-row.ts';
import { updateRound } from './sql/update-round.ts';
import { outcomeOf } from './step-outcome.ts';
import { requestOfGuestFile, requestOfScript } from './step-request.ts';

export interface ProvisionVmDependencies {
  readonly database: Database;
  readonly vms: Pick<Vms, 'get'>;
  readonly boots: Boots;
  readonly runs: Pick<Runs, 'begin' | 'control' | 'isActive'>;
  /** Resolves when what has happened in runs so far is in the database; false: it will not be. */
  readonly written: () => Promise<boolean>;
  readonly listGuestScripts: ListGuestScripts;
  readonly changed: (vmId: string) => void;
  readonly log: Log;
}

/** `next`: there may be more to do; `later`: it cannot be done yet. */
type Progress = 'next' | 'wait' | 'later';

const BY_MANAGER: ChangedBy = { actor: undefined, request: undefined };
/** An agent that does not answer is waited for so long; a boot in between ends the round. */
const WAIT_MS = 7 * 24 * 3600_000;
/** Its agent ends it at its timeout: nobody may be there to be asked. */
const PLAIN_RUN = {
  askAfterSeconds: undefined,
  commandId: undefined,
  retryOf: undefined,
  selector: undefined,
  concurrency: 1,
  canary: undefined,
  maxFailures: undefined,
  waitMs: WAIT_MS,
} as const;
/** What of an output may be in its last lines. */
const LAST_OUTPUT = { events: 200, bytesOfEach: 16 * 1024 };

const DELETED: StepEnd = {
  state: 'skipped',
  problem: { code: 'script_deleted', message: 'the script was deleted before it ran' },
};

export const makeProvisionVm = (
  dependencies: ProvisionVmDependencies,
): ((vmId: string) => Promise<boolean>) => {
  const { database, vms, boots, runs, listGuestScripts, changed, log } = dependencies;

  const placeOf = ({ key: roundKey }: RoundRow, { position }: StepRow) => ({ roundKey, position });

  const end = async (round: RoundRow, step: StepRow, how: StepEnd): Promise<void> => {
    const isOver = how.state === 'succeeded' || how.state === 'skipped';
    await database.transaction(async (transaction) => {
      await endStep(transaction, placeOf(round, step), how);
      if (isOver && step.when === 'first_boot' && how.problem?.code !== 'script_deleted') {
        await insertDone(transaction, round.vm_id, step.script_key);
      }
      if (!isOver) await updateRound(transaction, round, 'failed');
    });
    if (!isOver) {
      log.warn('provisioning has failed', {
        vm_id: round.vm_id,
        script: step.name,
        exit_code: how.exitCode ?? null,
      });
    }
  };

  /** Of a step that was begun: its end, if it has one. */
  const settle = async (round: RoundRow, step: StepRow): Promise<Progress> => {
    const { run_id: runId, execution_id: executionId } = step;
    if (runId !== null && runs.isActive(runId)) return 'wait';
    if (!(await dependencies.written())) return 'wait';
    const execution =
      executionId === null ? undefined : await getStepExecution(database, executionId);
    const outcome = outcomeOf(execution);
    const hasOutput = outcome.state === 'failed' && execution !== undefined;
    const output = hasOutput && (await getLastOutput(database, execution.key, LAST_OUTPUT));
    const lines = output === false ? undefined : lastLines(output).join('\n');
    await end(round, step, { ...outcome, lastLines: lines });
    return 'next';
  };

  const supersede = async (round: RoundRow): Promise<Progress> => {
    await database.transaction(async (transaction) => {
      await cancelSteps(transaction, round.key);
      await updateRound(transaction, round, 'superseded');
    });
    const active = round.steps.find(({ state }) => state === 'running')?.run_id;
    // What has not been sent must not be, and what was has ended with the machine.
    if (active !== undefined && active !== null) await runs.control(BY_MANAGER, active, 'stop');
    return 'next';
  };

  const requestFor = async (step: StepRow): Promise<ExecRequest | undefined> => {
    if (step.path !== null) return requestOfGuestFile(step.path, step);
    const script = await getScript(database, step.script_key);
    return script && requestOfScript(script, step);
  };

  const begin = async (vm: VmRecord, round: RoundRow, step: StepRow): Promise<Progress> => {
    if (step.problem_code !== null) {
      const problem = { code: step.problem_code, message: step.problem_message ?? '' };
      await end(round, step, { state: 'failed', problem });
      return 'next';
    }
    const request = await requestFor(step);
    if (request === undefined) {
      await end(round, step, DELETED);
      return 'next';
    }
    const begun = await runs.begin(BY_MANAGER, {
      name: step.name,
      request,
      ...PLAIN_RUN,
      vms: [{ id: vm.id, name: vm.name }],
      also: async (transaction, { id: runId, executionIds }) => {
        const [executionId = ''] = executionIds;
        const isBegun = await beginStep(transaction, placeOf(round, step), { runId, executionId });
        if (!isBegun) throw new Error(`step ${step.position} of round ${round.id} is not waiting`);
      },
    });
    return begun.ok ? 'wait' : 'later';
  };

  const advance = async (vm: VmRecord, round: RoundRow): Promise<Progress> => {
    const step = round.steps.find(({ state }) => state === 'waiting');
    if (step !== undefined) return begin(vm, round, step);
    await updateRound(database, round, 'finished');
    log.info('provisioning has finished', { vm_id: vm.id, steps: round.steps.length });
    return 'next';
  };

  const seeToBoot = async (vm: VmRecord, bootId: string): Promise<Progress> => {
    const guest = await listGuestScripts(vm);
    if (!guest.ok) return 'later';
    await beginRound(database, { vm, bootId, guestScripts: guest.scripts, wish: undefined });
    boots.seenTo(vm.id, bootId);
    return 'next';
  };

  const stepOnce = async (vm: VmRecord): Promise<Progress> => {
    const [newest] = await listRounds(database, vm.id, undefined, 1);
    const round = newest?.state === 'running' ? newest : undefined;
    const active = round?.steps.find(({ state }) => state === 'running');
    const bootId = boots.seen(vm.id);
    const isNewBoot = bootId !== undefined && !boots.isSeenTo(vm.id, bootId);
    if (round !== undefined && active !== undefined) {
      const progress = await settle(round, active);
      if (progress === 'next' || !isNewBoot) return progress;
    }
    if (isNewBoot) {
      return round !== undefined && round.boot_id !== bootId
        ? supersede(round)
        : seeToBoot(vm, bootId);
    }
    return round === undefined ? 'wait' : advance(vm, round);
  };

  return async (vmId) => {
    for (;;) {
      const vm = vms.get(vmId);
      if (vm === undefined) return true;
      const progress = await stepOnce(vm);
      changed(vmId);
      if (progress !== 'next') return progress === 'wait';
    }
  };
};

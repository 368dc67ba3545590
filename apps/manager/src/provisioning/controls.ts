/** What somebody asks of the provisioning of one VM: run it now, try the failed step again, skip it. */
import { recordAudit } from '../audit/audit.ts';
import type { Database, Queryable } from '../database/database.ts';
import { refuse, type Problem } from '../http/problem.ts';
import type { By } from '../runs/runs.ts';
import type { Outcome } from '../vms/outcome.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { beginRound } from './begin-round.ts';
import type { Boots } from './boots.ts';
import { isFor, type Wish } from './due-steps.ts';
import type { ListGuestScripts } from './guest-scripts.ts';
import { endStep } from './sql/end-step.ts';
import { getCandidates } from './sql/get-candidates.ts';
import { insertDone } from './sql/insert-done.ts';
import { listRounds } from './sql/list-rounds.ts';
import { retryStep } from './sql/retry-step.ts';
import type { RoundRow, StepRow } from './sql/round-row.ts';
import { updateRound } from './sql/update-round.ts';

export interface ProvisioningControls {
  /** @returns the id of the round */
  run(by: By, vm: VmRecord, wish: Wish): Promise<Outcome<string>>;
  retry(by: By, vm: VmRecord): Promise<Outcome<string>>;
  skip(by: By, vm: VmRecord): Promise<Outcome<string>>;
}

export const CONTROL_PROBLEMS = {
  notSeen: {
    status: 409,
    code: 'agent_not_seen',
    message: "the VM's agent has not answered since the manager was started",
  },
  underWay: {
    status: 409,
    code: 'provisioning_under_way',
    message: 'scripts are running, or are about to, on this VM',
  },
  nothing: {
    status: 409,
    code: 'nothing_to_run',
    message: 'no script is due on this VM; those that have run need script_ids or again',
  },
  noFailure: {
    status: 409,
    code: 'nothing_failed',
    message: 'the last round of provisioning of this VM has no failed step',
  },
  noScript: {
    status: 422,
    code: 'script_not_found',
    message: 'body: script_ids has one that is no script, or not for this VM',
  },
} as const satisfies Record<string, Problem>;

export const makeProvisioningControls = ({
  database,
  boots,
  listGuestScripts,
  poke,
}: {
  readonly database: Database;
  readonly boots: Boots;
  readonly listGuestScripts: ListGuestScripts;
  readonly poke: (vmId: string) => void;
}): ProvisioningControls => {
  const audit = async (
    transaction: Queryable,
    by: By,
    action: string,
    vm: VmRecord,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void> => {
    const target = { kind: 'vm', id: vm.id, name: vm.name };
    await recordAudit(transaction, { ...by, action, target, detail });
  };

  /** The failed step of the newest round goes on as `change` has it. */
  const goOn = async (
    by: By,
    vm: VmRecord,
    action: string,
    change: (transaction: Queryable, round: RoundRow, step: StepRow) => Promise<void>,
  ): Promise<Outcome<string>> => {
    const [round] = await listRounds(database, vm.id, undefined, 1);
    if (round?.state === 'running') return refuse(CONTROL_PROBLEMS.underWay);
    const step = round?.steps.find(({ state }) => state === 'failed');
    if (round?.state !== 'failed' || step === undefined) return refuse(CONTROL_PROBLEMS.noFailure);
    const isOurs = await database.transaction(async (transaction) => {
      if (!(await updateRound(transaction, round, 'running'))) return false;
      await change(transaction, round, step);
      await audit(transaction, by, action, vm, { round_id: round.id, script: step.name });
      return true;
    });
    if (!isOurs) return refuse(CONTROL_PROBLEMS.underWay);
    poke(vm.id);
    return { ok: true, value: round.id };
  };

  return {
    run: async (by, vm, wish) => {
      const bootId = boots.seen(vm.id);
      if (bootId === undefined) return refuse(CONTROL_PROBLEMS.notSeen);
      // First what the boot itself asks for.
      if (!boots.isSeenTo(vm.id, bootId)) return refuse(CONTROL_PROBLEMS.underWay);
      const { scriptIds } = wish;
      if (scriptIds !== undefined) {
        const known = await getCandidates(database, vm.id);
        const fitting = known.filter(({ id }) => scriptIds.has(id));
        const areFor = fitting.length === scriptIds.size && fitting.every((one) => isFor(vm, one));
        if (!areFor) return refuse(CONTROL_PROBLEMS.noScript);
      }
      const guest = await listGuestScripts(vm);
      if (!guest.ok) {
        return refuse({ status: 502, code: 'agent_unreachable', message: guest.message });
      }
      const guestScripts = guest.scripts;
      const begun = await beginRound(database, {
        vm,
        bootId,
        guestScripts,
        wish: { what: wish, by },
      });
      if (begun.kind === 'nothing') return refuse(CONTROL_PROBLEMS.nothing);
      if (begun.kind === 'taken') return refuse(CONTROL_PROBLEMS.underWay);
      poke(vm.id);
      return { ok: true, value: begun.id };
    },
    retry: async (by, vm) =>
      goOn(by, vm, 'provisioning.retry', async (transaction, round, { position }) =>
        retryStep(transaction, { roundKey: round.key, position }),
      ),
    skip: async (by, vm) =>
      goOn(by, vm, 'provisioning.skip', async (transaction, round, step) => {
        const { position, exit_code: exitCode, signal, timed_out: timedOut } = step;
        const message = `skipped by ${by.actor.name} after it had failed`;
        await endStep(
          transaction,
          { roundKey: round.key, position },
          {
            state: 'skipped',
            exitCode: exitCode ?? undefined,
            signal: signal ?? undefined,
            timedOut,
            problem: { code: 'skipped', message },
            lastLines: step.last_lines ?? undefined,
          },
        );
        if (step.when === 'first_boot') await insertDone(transaction, vm.id, step.script_key);
      }),
  };
};

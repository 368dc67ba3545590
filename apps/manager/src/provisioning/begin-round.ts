/** Writes a round of provisioning: what has to run on a VM now, in order. */
import type { ProvisionScript } from '@innkeeper/protocol';
import { recordAudit } from '../audit/audit.ts';
import type { Database, Queryable } from '../database/database.ts';
import type { ChangedBy } from '../vms/outcome.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import { dueSteps, type Wish } from './due-steps.ts';
import { deleteOldRounds } from './sql/delete-old-rounds.ts';
import { getCandidates } from './sql/get-candidates.ts';
import { getDone } from './sql/get-done.ts';
import { insertRound } from './sql/insert-round.ts';
import { noteBoot } from './sql/note-boot.ts';

const KEPT_ROUNDS = 50;
const MAX_AUDITED_STEPS = 50;
const BY_MANAGER: ChangedBy = { actor: undefined, request: undefined };

export interface RoundWanted {
  readonly vm: VmRecord;
  readonly bootId: string;
  readonly guestScripts: readonly ProvisionScript[];
  /** Undefined: the VM has enrolled, or was started anew. */
  readonly wish: { readonly what: Wish; readonly by: ChangedBy } | undefined;
}

/** `nothing`: there is nothing to run; `taken`: one is under way, or this boot has its round. */
export type RoundBegun =
  | { readonly kind: 'begun'; readonly id: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'taken' };

export const beginRound = async (
  database: Database,
  { vm, bootId, guestScripts, wish }: RoundWanted,
): Promise<RoundBegun> =>
  database.transaction(async (transaction: Queryable): Promise<RoundBegun> => {
    const firstSeenAt = await noteBoot(transaction, vm.id, bootId);
    if (firstSeenAt === undefined) return { kind: 'nothing' };
    const steps = dueSteps({
      vm,
      candidates: await getCandidates(transaction, vm.id),
      guestScripts,
      done: await getDone(transaction, vm.id),
      firstSeenAt,
      wish: wish?.what,
    });
    if (steps.length === 0) return { kind: 'nothing' };
    const by = wish?.by ?? BY_MANAGER;
    const id = await insertRound(transaction, {
      vmId: vm.id,
      bootId,
      cause: wish === undefined ? 'boot' : 'request',
      requestedBy: by.actor?.name,
      steps,
    });
    if (id === undefined) return { kind: 'taken' };
    await deleteOldRounds(transaction, vm.id, KEPT_ROUNDS);
    await recordAudit(transaction, {
      ...by,
      action: 'provisioning.begin',
      target: { kind: 'vm', id: vm.id, name: vm.name },
      detail: {
        round_id: id,
        cause: wish === undefined ? 'boot' : 'request',
        steps: steps.length,
        scripts: steps.slice(0, MAX_AUDITED_STEPS).map(({ name }) => name),
      },
    });
    return { kind: 'begun', id };
  });

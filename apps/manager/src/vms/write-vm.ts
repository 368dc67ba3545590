/** What the changes of VMs have in common: find it, check it, write it with its audit and events. */
import type { VmEvent, VmEventKind } from '@innkeeper/protocol';
import { refuse } from '../http/problem.ts';
import type { Queryable } from '../database/database.ts';
import type { Hosts } from '../hosts/host-record.ts';
import type { AddressRules } from './address-rules.ts';
import { describePlaceOf } from './agent-place.ts';
import type { Changes, Plan, Written } from './changes.ts';
import type { ChangedBy, Outcome } from './outcome.ts';
import type { SocketRules } from './socket-rules.ts';
import { insertVmEvents } from './sql/insert-vm-events.ts';
import type { VmCache } from './vm-cache.ts';
import {
  agentSocketTaken,
  guestIpTaken,
  hostNotFound,
  nameTaken,
  VM_NOT_FOUND,
} from './vm-problems.ts';
import type { VmRecord } from './vm-record.ts';
import type { RecordAudit } from './vm-registry.ts';
import { violatedConstraint } from './violated-constraint.ts';

export interface VmWriting {
  readonly cache: VmCache;
  readonly changes: Changes;
  readonly recordAudit: RecordAudit;
  readonly addressRules: AddressRules;
  readonly socketRules: SocketRules;
  readonly hosts: Pick<Hosts, 'get'>;
}

export type VmPlan = Plan<Outcome<VmRecord>>;

export const settled = (value: Outcome<VmRecord>): VmPlan => ({ kind: 'settled', value });

export const audit = async (
  { recordAudit }: Pick<VmWriting, 'recordAudit'>,
  transaction: Queryable,
  by: ChangedBy,
  action: string,
  vm: VmRecord,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> =>
  recordAudit(transaction, {
    actor: by.actor,
    action,
    target: { kind: 'vm', id: vm.id, name: vm.name },
    detail,
    request: by.request,
  });

export const note = async (
  transaction: Queryable,
  vm: VmRecord,
  kind: VmEventKind,
  detail: VmEvent['detail'],
): Promise<void> => insertVmEvents(transaction, { vmKeys: [vm.key], kind, detail });

/** `10.0.0.5:8080`, as events tell it. */
export const describeAddress = (
  vm: Pick<VmRecord, 'guestIp' | 'agentPort' | 'agentSocket'>,
): string | null => describePlaceOf(vm) ?? null;

/** Somebody has deleted the row in Postgres, past the manager: the transaction is rolled back. */
class RowVanished extends Error {
  override readonly name = 'RowVanished';
}

export const written = (row: VmRecord | undefined): VmRecord => {
  if (row === undefined) throw new RowVanished('a VM has vanished from Postgres');
  return row;
};

/** What a change would write, for the words of a refusal. */
export type WantedVm = Partial<
  Pick<VmRecord, 'name' | 'guestIp' | 'agentPort' | 'agentSocket' | 'hostId'>
>;

/**
 * Runs a change. Names and addresses are checked in memory first; where Postgres knows better,
 * because something else writes there too, its refusal is told in the same words.
 */
export const changeVm = async (
  { changes }: Pick<VmWriting, 'changes'>,
  by: ChangedBy,
  plan: () => VmPlan,
  wanted: () => WantedVm,
): Promise<Outcome<VmRecord>> => {
  try {
    return await changes.change(plan);
  } catch (error) {
    if (error instanceof RowVanished) {
      changes.doubt();
      return refuse(VM_NOT_FOUND);
    }
    const { name = '', guestIp = 'this address', agentPort = 0, agentSocket, hostId } = wanted();
    switch (violatedConstraint(error)) {
      case 'vm_name_key':
        return refuse(nameTaken(name));
      case 'vm_guest_address':
        return refuse(guestIpTaken(guestIp, agentPort, undefined, by.actor));
      case 'vm_agent_socket': {
        const path = agentSocket?.path ?? 'this socket';
        return refuse(agentSocketTaken(path, undefined, by.actor));
      }
      case 'vm_host_id_fkey':
        return refuse(hostNotFound(hostId));
      default:
        throw error;
    }
  }
};

/** One VM shows its new row. */
export const writtenVm = (cache: VmCache, vm: VmRecord): Written<Outcome<VmRecord>> => ({
  value: { ok: true, value: vm },
  apply: () => {
    cache.put(vm);
  },
});

/**
 * The registry of VMs: Postgres has the truth, memory has all of it. Every change is one
 * transaction with its audit row, and only then shows in memory; whoever looks never waits for
 * Postgres and sees the fleet also while Postgres is away.
 */
import { refuse } from '../http/problem.ts';
import type { Database, Queryable } from '../database/database.ts';
import type { Hosts } from '../hosts/host-record.ts';
import type { Log } from '../log.ts';
import type { AddressRules } from './address-rules.ts';
import type { SocketRules } from './socket-rules.ts';
import type { Changes } from './changes.ts';
import { makeGuestIpChanges } from './change-guest-ip.ts';
import { makeEnsureLocalVm } from './ensure-local-vm.ts';
import type { ChangedBy, Outcome } from './outcome.ts';
import { makePlanCreateVm } from './plan-create-vm.ts';
import { makeEnrolledPlans } from './plan-enrolled.ts';
import { makePlanPatchVm } from './plan-patch-vm.ts';
import { clearVmsHost } from './sql/clear-vms-host.ts';
import { deleteVm } from './sql/delete-vm.ts';
import { insertVmEvents } from './sql/insert-vm-events.ts';
import { selectVms } from './sql/select-vms.ts';
import { makeVmCache } from './vm-cache.ts';
import { forbidden, isAllowed, LOCAL_VM, VM_NOT_FOUND } from './vm-problems.ts';
import type { NewVm, RecordAudit, VmRegistry } from './vm-registry.ts';
import { audit, changeVm, settled, type VmPlan, type VmWriting } from './write-vm.ts';

export interface VmRegistryOptions {
  readonly database: Database;
  readonly changes: Changes;
  readonly recordAudit: RecordAudit;
  readonly addressRules: AddressRules;
  readonly socketRules: SocketRules;
  readonly hosts: Pick<Hosts, 'get'>;
  readonly log: Log;
}

export const makeVmRegistry = (options: VmRegistryOptions): VmRegistry => {
  const { database, changes, recordAudit, addressRules, socketRules, hosts, log } = options;
  const cache = makeVmCache({ log });
  const writing: VmWriting = { cache, changes, recordAudit, addressRules, socketRules, hosts };
  const planCreate = makePlanCreateVm(writing);
  const planPatch = makePlanPatchVm(writing);
  const { planEnrolled, planTlsPin } = makeEnrolledPlans(writing);

  const load = async (): Promise<void> => {
    cache.replaceAll(await selectVms(database));
  };
  changes.onDoubt(load);

  const planRemove = (by: ChangedBy, id: string): VmPlan => {
    const vm = cache.get(id);
    if (vm === undefined) return settled(refuse(VM_NOT_FOUND));
    if (!isAllowed(by.actor, 'vm.delete', vm)) {
      return settled(refuse(forbidden('this VM may not be deleted by you')));
    }
    if (vm.isLocal) return settled(refuse(LOCAL_VM));
    return {
      kind: 'write',
      work: async (transaction) => {
        await deleteVm(transaction, vm.id);
        await audit(writing, transaction, by, 'vm.delete', vm, {
          guest_ip: vm.guestIp,
          agent_socket: vm.agentSocket,
        });
        return {
          value: { ok: true, value: vm },
          apply: () => {
            cache.remove(vm.id);
          },
        };
      },
    };
  };

  const releaseHost = async (transaction: Queryable, hostId: string): Promise<() => void> => {
    const from = hosts.get(hostId)?.name ?? hostId;
    const released = await clearVmsHost(transaction, hostId);
    const vmKeys = released.map(({ key }) => key);
    await insertVmEvents(transaction, { vmKeys, kind: 'host_changed', detail: { from, to: null } });
    return () => {
      cache.put(...released);
    };
  };

  return {
    ...cache,
    ...makeGuestIpChanges(writing),
    load,
    create: async (by, describe) => {
      let described: Outcome<NewVm> | undefined;
      return changeVm(
        writing,
        by,
        () => {
          described = describe();
          return planCreate(by, described);
        },
        () => (described?.ok === true ? described.value : {}),
      );
    },
    patch: async (by, id, patch) =>
      changeVm(
        writing,
        by,
        () => planPatch(by, id, patch),
        () => ({
          ...(patch.name !== undefined && { name: patch.name }),
          ...(patch.agent_socket && { agentSocket: patch.agent_socket }),
          ...(typeof patch.host_id === 'string' && { hostId: patch.host_id }),
        }),
      ),
    remove: async (by, id) =>
      changeVm(
        writing,
        by,
        () => planRemove(by, id),
        () => ({}),
      ),
    markEnrolled: async (by, id, tlsPin) =>
      changeVm(
        writing,
        by,
        () => planEnrolled(by, id, tlsPin),
        () => ({}),
      ),
    setTlsPin: async (by, id, tlsPin) =>
      changeVm(
        writing,
        by,
        () => planTlsPin(by, id, tlsPin),
        () => ({}),
      ),
    ensureLocal: makeEnsureLocalVm(writing),
    releaseHost,
  };
};

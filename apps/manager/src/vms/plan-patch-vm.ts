/** Changes what people say of a VM, or says why not. */
import { isDeepStrictEqual } from 'node:util';
import type { VmPatch } from '@innkeeper/protocol';
import { refuse } from '../http/problem.ts';
import type { ChangedBy } from './outcome.ts';
import { updateVm } from './sql/update-vm.ts';
import {
  agentSocketTaken,
  forbidden,
  guestIpTaken,
  hostNotFound,
  isAllowed,
  LOCAL_VM,
  mayNotPlace,
  nameTaken,
  outsideScope,
  VM_NOT_FOUND,
} from './vm-problems.ts';
import type { VmRecord } from './vm-record.ts';
import {
  audit,
  describeAddress,
  note,
  settled,
  written,
  writtenVm,
  type VmPlan,
  type VmWriting,
} from './write-vm.ts';

/** The fields that differ, as the audit tells them. */
const differences = (before: VmRecord, after: VmRecord): Record<string, unknown> => {
  const told = (vm: VmRecord) => ({
    name: vm.name,
    agent_port: vm.agentPort,
    agent_socket: vm.agentSocket ?? null,
    host_id: vm.hostId ?? null,
    vmm: vm.vmm ?? null,
    labels: vm.labels,
  });
  const from = Object.entries(told(before));
  const to = new Map<string, unknown>(Object.entries(told(after)));
  return Object.fromEntries(
    from
      .filter(([field, value]) => !isDeepStrictEqual(value, to.get(field)))
      .map(([field, value]) => [field, { from: value, to: to.get(field) }]),
  );
};

const patched = (vm: VmRecord, patch: VmPatch): VmRecord => ({
  ...vm,
  name: patch.name ?? vm.name,
  agentPort: patch.agent_port ?? vm.agentPort,
  agentSocket:
    patch.agent_socket === undefined ? vm.agentSocket : (patch.agent_socket ?? undefined),
  hostId: patch.host_id === undefined ? vm.hostId : (patch.host_id?.toLowerCase() ?? undefined),
  vmm: patch.vmm === undefined ? vm.vmm : (patch.vmm ?? undefined),
  labels: patch.labels ?? vm.labels,
});

export const makePlanPatchVm = (writing: VmWriting) => {
  const { cache, addressRules, socketRules, hosts } = writing;
  const isNoHost = (id: string | undefined) => id !== undefined && hosts.get(id) === undefined;
  const hostName = (id: string | undefined): string | null =>
    id === undefined ? null : (hosts.get(id)?.name ?? id);

  const refuseSocket = (by: ChangedBy, { id, agentSocket }: VmRecord) => {
    if (agentSocket === undefined) return undefined;
    const holder = cache.bySocket(agentSocket.path);
    return holder === undefined || holder.id === id
      ? socketRules.check(agentSocket)
      : agentSocketTaken(agentSocket.path, holder, by.actor);
  };

  /** Why a VM cannot become this. */
  const refusePatch = (by: ChangedBy, vm: VmRecord, wanted: VmRecord) => {
    const outside = outsideScope(by.actor, 'vm.update', wanted.labels);
    if (outside !== undefined) return outside;
    const isMoved = vm.hostId !== wanted.hostId || !isDeepStrictEqual(vm.vmm, wanted.vmm);
    const isResocketed = !isDeepStrictEqual(vm.agentSocket, wanted.agentSocket);
    const misplaced = isMoved || isResocketed ? mayNotPlace(by.actor) : undefined;
    if (misplaced !== undefined) return misplaced;
    const isRenamed = vm.name !== wanted.name;
    // Its host finds it by its name: another name may be that of somebody else's process.
    const isSoughtByName = wanted.hostId !== undefined && wanted.vmm?.name === undefined;
    const renamed =
      isRenamed && isSoughtByName
        ? mayNotPlace(by.actor, 'name, of a VM that its host finds by its name')
        : undefined;
    if (renamed !== undefined) return renamed;
    const isReaddressed = vm.agentPort !== wanted.agentPort;
    if (vm.isLocal && (isMoved || isReaddressed || isResocketed)) return LOCAL_VM;
    if (vm.hostId !== wanted.hostId && isNoHost(wanted.hostId)) return hostNotFound(wanted.hostId);
    if (isRenamed && cache.byName(wanted.name) !== undefined) {
      return nameTaken(wanted.name);
    }
    const badSocket = isResocketed ? refuseSocket(by, wanted) : undefined;
    if (badSocket !== undefined) return badSocket;
    if (!isReaddressed || wanted.guestIp === undefined) return undefined;
    const checked = addressRules.check('guest_ip', wanted.guestIp, wanted.agentPort);
    if (!checked.ok) return checked.problem;
    const holder = cache.byAddress(wanted.guestIp, wanted.agentPort);
    return holder === undefined
      ? undefined
      : guestIpTaken(wanted.guestIp, wanted.agentPort, holder, by.actor);
  };

  return (by: ChangedBy, id: string, patch: VmPatch): VmPlan => {
    const before = cache.get(id);
    if (before === undefined) return settled(refuse(VM_NOT_FOUND));
    if (!isAllowed(by.actor, 'vm.update', before)) {
      return settled(refuse(forbidden('this VM may not be changed by you')));
    }
    const wanted = patched(before, patch);
    const changed = differences(before, wanted);
    if (Object.keys(changed).length === 0) return settled({ ok: true, value: before });
    const problem = refusePatch(by, before, wanted);
    if (problem !== undefined) return settled(refuse(problem));
    return {
      kind: 'write',
      work: async (transaction) => {
        const vm = written(await updateVm(transaction, wanted));
        const from = describeAddress(before);
        const to = describeAddress(vm);
        if (from !== to) await note(transaction, vm, 'address_changed', { from, to });
        if (before.hostId !== vm.hostId) {
          const detail = { from: hostName(before.hostId), to: hostName(vm.hostId) };
          await note(transaction, vm, 'host_changed', detail);
        }
        await audit(writing, transaction, by, 'vm.update', vm, changed);
        return writtenVm(cache, vm);
      },
    };
  };
};

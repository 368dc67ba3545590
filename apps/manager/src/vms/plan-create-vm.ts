/** Registers a VM, or says why not. */
import type { AgentSocket } from '@innkeeper/protocol';
import { refuse } from '../http/problem.ts';
import type { ChangedBy, Outcome } from './outcome.ts';
import { insertVm } from './sql/insert-vm.ts';
import {
  agentSocketTaken,
  guestIpTaken,
  hostNotFound,
  mayNotPlace,
  nameTaken,
  outsideScope,
} from './vm-problems.ts';
import type { NewVm } from './vm-registry.ts';
import {
  audit,
  describeAddress,
  note,
  settled,
  writtenVm,
  type VmPlan,
  type VmWriting,
} from './write-vm.ts';

export const makePlanCreateVm = (writing: VmWriting) => {
  const { cache, addressRules, socketRules, hosts } = writing;
  const isNoHost = (id: string | undefined) => id !== undefined && hosts.get(id) === undefined;

  const refuseSocket = (by: ChangedBy, socket: AgentSocket) => {
    const holder = cache.bySocket(socket.path);
    return holder === undefined
      ? socketRules.check(socket)
      : agentSocketTaken(socket.path, holder, by.actor);
  };

  /** Why such a VM cannot be registered now. */
  const refuseNew = (by: ChangedBy, vm: NewVm) => {
    const { name, agentPort, agentSocket, hostId, vmm, labels } = vm;
    const outside = outsideScope(by.actor, 'vm.create', labels);
    if (outside !== undefined) return outside;
    const isPlaced = hostId !== undefined || vmm !== undefined || agentSocket !== undefined;
    const misplaced = isPlaced ? mayNotPlace(by.actor) : undefined;
    if (misplaced !== undefined) return misplaced;
    if (isNoHost(hostId)) return hostNotFound(hostId);
    if (cache.byName(name) !== undefined) return nameTaken(name);
    const badSocket = agentSocket && refuseSocket(by, agentSocket);
    if (badSocket !== undefined) return badSocket;
    if (vm.guestIp === undefined) return undefined;
    const holder = cache.byAddress(vm.guestIp, agentPort);
    return holder === undefined ? undefined : guestIpTaken(vm.guestIp, agentPort, holder, by.actor);
  };

  return (by: ChangedBy, described: Outcome<NewVm>): VmPlan => {
    if (!described.ok) return settled(described);
    const given = described.value;
    const checked =
      given.guestIp === undefined
        ? undefined
        : addressRules.check('guest_ip', given.guestIp, given.agentPort);
    if (checked?.ok === false) return settled(checked);
    const wanted = {
      ...given,
      guestIp: checked?.address,
      agentSocket: given.agentSocket,
      hostId: given.hostId?.toLowerCase(),
    };
    const problem = refuseNew(by, wanted);
    if (problem !== undefined) return settled(refuse(problem));
    return {
      kind: 'write',
      work: async (transaction) => {
        const vm = await insertVm(transaction, { ...wanted, isLocal: false });
        await note(transaction, vm, 'registered', { to: describeAddress(vm) });
        const { guestIp, agentPort, agentSocket, hostId, vmm, labels } = vm;
        const detail = {
          guest_ip: guestIp,
          agent_port: agentPort,
          agent_socket: agentSocket,
          host_id: hostId,
          vmm,
          labels,
        };
        await audit(writing, transaction, by, 'vm.create', vm, detail);
        return writtenVm(cache, vm);
      },
    };
  };
};

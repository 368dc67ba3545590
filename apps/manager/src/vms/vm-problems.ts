/** What can be wrong with a change of a VM, each in one sentence. */
import type { Actor } from '../auth/actor.ts';
import { authorize, type Action } from '../auth/authorize.ts';
import type { Problem } from '../http/problem.ts';
import type { VmRecord } from './vm-record.ts';

export const VM_NOT_FOUND: Problem = {
  status: 404,
  code: 'vm_not_found',
  message: 'there is no VM with this id',
};

export const LOCAL_VM: Problem = {
  status: 409,
  code: 'local_vm',
  message:
    'this VM is the machine that the manager runs on: it keeps its address and host, and cannot be deleted',
};

export const nameTaken = (name: string): Problem => ({
  status: 409,
  code: 'name_taken',
  message: `another VM is called ${JSON.stringify(name)}; names are unique`,
});

export const hostNotFound = (hostId: string | undefined): Problem => ({
  status: 422,
  code: 'host_not_found',
  message: `host_id: there is no host ${hostId ?? 'with this id'}`,
});

/** Names the other VM only to those who may see it. */
const nameHolder = (holder: VmRecord | undefined, actor: Actor | undefined): string => {
  const mayKnow =
    holder !== undefined && (actor === undefined || authorize(actor, 'vm.read', holder));
  return mayKnow ? `the VM ${JSON.stringify(holder.name)} (${holder.id})` : 'another VM';
};

export const guestIpTaken = (
  guestIp: string,
  agentPort: number,
  holder: VmRecord | undefined,
  actor: Actor | undefined,
): Problem => ({
  status: 409,
  code: 'guest_ip_taken',
  message: `${nameHolder(holder, actor)} has ${guestIp} with port ${agentPort}; "take_over": true takes it away`,
});

export const agentSocketTaken = (
  path: string,
  holder: VmRecord | undefined,
  actor: Actor | undefined,
): Problem => ({
  status: 409,
  code: 'agent_socket_taken',
  message: `agent_socket: ${nameHolder(holder, actor)} has ${path}; each VM has a socket of its own`,
});

export const forbidden = (message: string): Problem => ({
  status: 403,
  code: 'forbidden',
  message,
});

export const isAllowed = (
  actor: Actor | undefined,
  action: Action,
  vm: Pick<VmRecord, 'labels'> | undefined,
): boolean => actor === undefined || authorize(actor, action, vm);

/** Why this actor may not leave a VM with these labels; undefined: it may. */
export const outsideScope = (
  actor: Actor | undefined,
  action: 'vm.create' | 'vm.update',
  labels: VmRecord['labels'],
): Problem | undefined =>
  isAllowed(actor, action, { labels })
    ? undefined
    : forbidden(
        `labels: your access is limited to VMs with ${actor?.scope?.text ?? 'other labels'}, which these would not fit`,
      );

/**
 * A host sees the VMs of everybody: who says which of its processes a VM is could say somebody
 * else's and read their metrics.
 */
export const mayNotPlace = (
  actor: Actor | undefined,
  what = 'host_id, vmm and agent_socket',
): Problem | undefined =>
  isAllowed(actor, 'host.update', undefined)
    ? undefined
    : forbidden(`${what}: only for those whose access is not limited to some VMs`);

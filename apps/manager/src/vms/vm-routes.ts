/** The routes of the registry of VMs: `/v1/vms`, and the latest reading of each. */
import {
  pageOf,
  readingSchema,
  vmCreateSchema,
  vmPatchSchema,
  vmSchema,
  type Vm,
} from '@innkeeper/protocol';
import { defineRoute } from '../http/define-route.ts';
import { refuse } from '../http/problem.ts';
import { idParams, nothing, type AnyRoute } from '../http/route.ts';
import type { Readings } from '../readings/readings.ts';
import type { AgentStates } from '../updates/agent-states.ts';
import type { VmList } from './list-vms.ts';
import { presentVm } from './present-vm.ts';
import { storable } from './storable-text.ts';
import { vmQuerySchema } from './vm-query.ts';
import type { VmRecord } from './vm-record.ts';
import type { VmRegistry } from './vm-registry.ts';

export interface VmRoutesOptions {
  readonly vms: Pick<VmRegistry, 'create' | 'patch' | 'remove'>;
  readonly vmList: VmList;
  readonly readings: Pick<Readings, 'latest'>;
  readonly agents: Pick<AgentStates, 'get'>;
}

const tag = 'VMs';

const patchBody = storable(vmPatchSchema).refine((patch) => Object.keys(patch).length > 0, {
  message: 'nothing to change: give name, agent_port, agent_socket, host_id, vmm or labels',
});

const PLACE_PROBLEMS = {
  '422 host_not_found': '`host_id` is no registered host',
  '422 guest_ip_not_allowed': 'the address is outside of INNKEEPER_GUEST_CIDRS',
  '422 agent_socket_not_allowed': 'the socket is outside of INNKEEPER_SOCKET_DIRS',
  '409 agent_socket_taken': 'another VM has this socket',
  '409 guest_ip_taken': 'another VM has this address and port',
  '409 name_taken': 'names are unique',
};

export const makeVmRoutes = ({
  vms,
  vmList,
  readings,
  agents,
}: VmRoutesOptions): readonly AnyRoute[] => {
  const present = (vm: VmRecord): Vm => presentVm(vm, readings.latest(vm), agents.get(vm.id));

  const list = defineRoute({
    method: 'get',
    path: '/v1/vms',
    tag,
    summary: 'VMs, filtered by text, labels, state or host, in pages',
    access: { action: 'vm.read' },
    params: nothing,
    query: vmQuerySchema,
    body: nothing,
    answers: { 200: { description: 'a page of VMs', schema: pageOf(vmSchema) } },
    handle: async ({ actor, query }) => {
      const page = vmList.list(query, actor.scope);
      if (!page.ok) {
        const message = 'cursor: is not one of this list in this order; begin without a cursor';
        return refuse({ status: 422, code: 'invalid', message });
      }
      const items = page.vms.map(present);
      return { ok: true, status: 200, body: { items, next_cursor: page.nextCursor } };
    },
  });

  const create = defineRoute({
    method: 'post',
    path: '/v1/vms',
    tag,
    summary: 'Registers a VM',
    access: { action: 'vm.create' },
    params: nothing,
    query: nothing,
    body: storable(vmCreateSchema),
    answers: { 201: { description: 'the VM', schema: vmSchema } },
    problems: PLACE_PROBLEMS,
    handle: async ({ actor, body, requestId, remoteAddress }) => {
      const by = { actor, request: { requestId, remoteAddress } };
      const created = await vms.create(by, () => ({
        ok: true,
        value: {
          name: body.name,
          guestIp: body.guest_ip,
          agentPort: body.agent_port,
          agentSocket: body.agent_socket,
          hostId: body.host_id,
          vmm: body.vmm,
          labels: body.labels,
        },
      }));
      if (!created.ok) return created;
      const headers = { location: `/v1/vms/${created.value.id}` };
      return { ok: true, status: 201, body: present(created.value), headers };
    },
  });

  const get = defineRoute({
    method: 'get',
    path: '/v1/vms/:id',
    tag,
    summary: 'One VM',
    access: { action: 'vm.read', vm: 'id' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'the VM', schema: vmSchema } },
    handle: async ({ vm }) => ({ ok: true, status: 200, body: present(vm) }),
  });

  const patch = defineRoute({
    method: 'patch',
    path: '/v1/vms/:id',
    tag,
    summary: 'Changes what is given of a VM',
    access: { action: 'vm.update', vm: 'id' },
    params: idParams,
    query: nothing,
    body: patchBody,
    answers: { 200: { description: 'the VM', schema: vmSchema } },
    problems: { ...PLACE_PROBLEMS, '409 local_vm': 'the machine of the manager keeps its place' },
    handle: async ({ actor, vm, body, requestId, remoteAddress }) => {
      const by = { actor, request: { requestId, remoteAddress } };
      const changed = await vms.patch(by, vm.id, body);
      return changed.ok ? { ok: true, status: 200, body: present(changed.value) } : changed;
    },
  });

  const remove = defineRoute({
    method: 'delete',
    path: '/v1/vms/:id',
    tag,
    summary: 'Forgets a VM, its address and its history',
    access: { action: 'vm.delete', vm: 'id' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: { 204: { description: 'it is gone' } },
    problems: { '409 local_vm': 'the machine of the manager stays' },
    handle: async ({ actor, vm, requestId, remoteAddress }) => {
      const removed = await vms.remove({ actor, request: { requestId, remoteAddress } }, vm.id);
      return removed.ok ? { ok: true, status: 204 } : removed;
    },
  });

  const metrics = defineRoute({
    method: 'get',
    path: '/v1/vms/:id/metrics',
    tag,
    summary: 'The latest reading of a VM',
    access: { action: 'vm.read', vm: 'id' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'the reading', schema: readingSchema } },
    handle: async ({ vm }) => ({ ok: true, status: 200, body: readings.latest(vm) }),
  });

  return [list, create, get, patch, remove, metrics];
};

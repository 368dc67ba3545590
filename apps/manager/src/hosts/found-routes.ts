/** VMMs that hosts see and nobody has registered, and how they become VMs. */
import { adoptSchema, foundVmmSchema, pageOf, vmSchema } from '@innkeeper/protocol';
import { defineRoute } from '../http/define-route.ts';
import { refuse } from '../http/problem.ts';
import { idParams, nothing, type AnyRoute } from '../http/route.ts';
import type { Readings } from '../readings/readings.ts';
import type { AgentStates } from '../updates/agent-states.ts';
import { presentVm } from '../vms/present-vm.ts';
import { storable } from '../vms/storable-text.ts';
import { HOST_UNREACHABLE, makeAdopt, type AdoptOptions } from './adopt-vmm.ts';
import { HOST_NOT_FOUND } from './host-problems.ts';
import type { HostRecord, Hosts } from './host-record.ts';

export interface FoundRoutesOptions extends AdoptOptions {
  readonly hosts: Pick<Hosts, 'all' | 'get'>;
  readonly readings: Pick<Readings, 'latest'>;
  readonly agents: Pick<AgentStates, 'get'>;
}

const tag = 'Hosts';
/** Of all hosts; one whose agent does not answer has none. */
const MAX_FOUND = 10_000;

const foundPage = pageOf(foundVmmSchema);
const foundParams = idParams.extend({ found_id: foundVmmSchema.shape.id });

export const makeFoundRoutes = (options: FoundRoutesOptions): readonly AnyRoute[] => {
  const { hosts, watch, readings, agents } = options;
  const adopt = makeAdopt(options);

  const foundOn = defineRoute({
    method: 'get',
    path: '/v1/hosts/:id/found',
    tag,
    summary: 'VMMs of a host that no VM stands for',
    access: { action: 'host.read' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'VMMs', schema: foundPage } },
    problems: {
      '404 host_not_found': 'there is no such host',
      '502 host_unreachable': 'the host does not answer',
    },
    handle: async ({ params }) => {
      if (hosts.get(params.id) === undefined) return refuse(HOST_NOT_FOUND);
      const items = watch.found(params.id);
      return items === undefined
        ? refuse(HOST_UNREACHABLE)
        : { ok: true, status: 200, body: { items, next_cursor: null } };
    },
  });

  const found = defineRoute({
    method: 'get',
    path: '/v1/found',
    tag,
    summary: 'VMMs of all hosts that answer that no VM stands for',
    access: { action: 'host.read' },
    params: nothing,
    query: nothing,
    body: nothing,
    answers: { 200: { description: `the first ${MAX_FOUND} VMMs`, schema: foundPage } },
    handle: async () => {
      const items = [...hosts.all()].flatMap(({ id }: HostRecord) => watch.found(id) ?? []);
      return {
        ok: true,
        status: 200,
        body: { items: items.slice(0, MAX_FOUND), next_cursor: null },
      };
    },
  });

  const adoptRoute = defineRoute({
    method: 'post',
    path: '/v1/hosts/:id/found/:found_id/adopt',
    tag,
    summary: 'Registers a VMM that was found as a VM',
    access: { action: 'host.update' },
    params: foundParams,
    query: nothing,
    body: storable(adoptSchema),
    answers: { 201: { description: 'the VM', schema: vmSchema } },
    problems: {
      '404 host_not_found': 'there is no such host',
      '404 vmm_not_found': 'it has gone, or is registered already',
      '409 name_taken': 'names are unique',
      '409 guest_ip_taken': 'another VM has this address and port',
      '422 guest_ip_not_allowed': 'the address is outside of INNKEEPER_GUEST_CIDRS',
      '502 host_unreachable': 'the host does not answer',
    },
    handle: async ({ actor, params, body, requestId, remoteAddress }) => {
      if (hosts.get(params.id) === undefined) return refuse(HOST_NOT_FOUND);
      const by = { actor, request: { requestId, remoteAddress } };
      const adopted = await adopt(by, params.id, params.found_id, {
        name: body.name,
        guestIp: body.guest_ip,
        agentPort: body.agent_port,
        labels: body.labels,
      });
      if (!adopted.ok) return adopted;
      const vm = adopted.value;
      const headers = { location: `/v1/vms/${vm.id}` };
      return {
        ok: true,
        status: 201,
        body: presentVm(vm, readings.latest(vm), agents.get(vm.id)),
        headers,
      };
    },
  });

  return [foundOn, found, adoptRoute];
};

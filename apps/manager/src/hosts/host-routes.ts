/** The routes of the registry of hosts. There are tens of them, so their list is one page. */
import {
  hostCreateSchema,
  hostPatchSchema,
  hostSchema,
  pageOf,
  type Host,
  type HostAgent,
} from '@innkeeper/protocol';
import { defineRoute } from '../http/define-route.ts';
import { refuse } from '../http/problem.ts';
import { idParams, nothing, type AnyRoute } from '../http/route.ts';
import { naturalKey } from '../vms/natural-key.ts';
import { storable } from '../vms/storable-text.ts';
import { HOST_NOT_FOUND } from './host-problems.ts';
import { presentHost } from './present-host.ts';
import type { HostRecord } from './host-record.ts';
import type { HostWatch } from './host-watch.ts';
import type { HostRegistry } from './make-host-registry.ts';

export interface HostRoutesOptions {
  readonly hosts: HostRegistry;
  readonly watch: Pick<HostWatch, 'status'>;
  readonly agentOf: (hostId: string) => HostAgent | undefined;
}

const tag = 'Hosts';

const patchBody = storable(hostPatchSchema).refine((patch) => Object.keys(patch).length > 0, {
  message: 'nothing to change: give name, address, agent_port, agent_id or labels',
});

const PROBLEMS = {
  '409 name_taken': 'names are unique',
  '409 address_taken': 'another host has this address and port',
  '422 address_not_allowed': 'the address is outside of INNKEEPER_GUEST_CIDRS',
};
const NOT_FOUND = { '404 host_not_found': 'there is no such host' };

export const makeHostRoutes = ({
  hosts,
  watch,
  agentOf,
}: HostRoutesOptions): readonly AnyRoute[] => {
  const present = (host: HostRecord): Host =>
    presentHost(host, watch.status(host), agentOf(host.id));

  const list = defineRoute({
    method: 'get',
    path: '/v1/hosts',
    tag,
    summary: 'Hosts and how they are doing',
    access: { action: 'host.read' },
    params: nothing,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'all hosts', schema: pageOf(hostSchema) } },
    handle: async () => {
      const keyed = [...hosts.all()].map((host) => ({ host, key: naturalKey(host.name) }));
      keyed.sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
      const items = keyed.map(({ host }) => present(host));
      return { ok: true, status: 200, body: { items, next_cursor: null } };
    },
  });

  const create = defineRoute({
    method: 'post',
    path: '/v1/hosts',
    tag,
    summary: 'Registers a host',
    access: { action: 'host.create' },
    params: nothing,
    query: nothing,
    body: storable(hostCreateSchema),
    answers: { 201: { description: 'the host', schema: hostSchema } },
    problems: PROBLEMS,
    handle: async ({ actor, body, requestId, remoteAddress }) => {
      const created = await hosts.create({ actor, request: { requestId, remoteAddress } }, body);
      if (!created.ok) return created;
      const headers = { location: `/v1/hosts/${created.value.id}` };
      return { ok: true, status: 201, body: present(created.value), headers };
    },
  });

  const get = defineRoute({
    method: 'get',
    path: '/v1/hosts/:id',
    tag,
    summary: 'One host',
    access: { action: 'host.read' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'the host', schema: hostSchema } },
    problems: NOT_FOUND,
    handle: async ({ params }) => {
      const host = hosts.get(params.id);
      return host === undefined
        ? refuse(HOST_NOT_FOUND)
        : { ok: true, status: 200, body: present(host) };
    },
  });

  const patch = defineRoute({
    method: 'patch',
    path: '/v1/hosts/:id',
    tag,
    summary: 'Changes what is given of a host',
    access: { action: 'host.update' },
    params: idParams,
    query: nothing,
    body: patchBody,
    answers: { 200: { description: 'the host', schema: hostSchema } },
    problems: { ...PROBLEMS, ...NOT_FOUND, '409 local_host': 'this machine keeps its place' },
    handle: async ({ actor, params, body, requestId, remoteAddress }) => {
      const by = { actor, request: { requestId, remoteAddress } };
      const changed = await hosts.patch(by, params.id, body);
      return changed.ok ? { ok: true, status: 200, body: present(changed.value) } : changed;
    },
  });

  const remove = defineRoute({
    method: 'delete',
    path: '/v1/hosts/:id',
    tag,
    summary: 'Forgets a host; its VMs stay, without one',
    access: { action: 'host.delete' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: { 204: { description: 'it is gone' } },
    problems: { ...NOT_FOUND, '409 local_host': 'this machine stays' },
    handle: async ({ actor, params, requestId, remoteAddress }) => {
      const by = { actor, request: { requestId, remoteAddress } };
      const removed = await hosts.remove(by, params.id);
      return removed.ok ? { ok: true, status: 204 } : removed;
    },
  });

  return [list, create, get, patch, remove];
};

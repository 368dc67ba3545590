/** `/v1/vms/:id/guest-ip`: where a VM's agent answers. */
import { guestIpBodySchema, guestIpSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import { defineRoute } from '../http/define-route.ts';
import { idParams, nothing, type AnyRoute } from '../http/route.ts';
import type { VmRegistry } from './vm-registry.ts';

export interface GuestIpRoutesOptions {
  readonly vms: Pick<VmRegistry, 'setGuestIp' | 'clearGuestIp'>;
}

const registeredSchema = z.object({ vm_id: z.uuid(), guest_ip: guestIpSchema });

export const makeGuestIpRoutes = ({ vms }: GuestIpRoutesOptions): readonly AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/v1/vms/:id/guest-ip',
    tag: 'VMs',
    summary: "Registers the address of a VM's agent",
    access: { action: 'vm.update', vm: 'id' },
    params: idParams,
    query: nothing,
    body: guestIpBodySchema,
    answers: { 200: { description: 'it is registered', schema: registeredSchema } },
    problems: {
      '422 guest_ip_not_allowed': 'the address is outside of INNKEEPER_GUEST_CIDRS',
      '409 guest_ip_taken': 'another VM has this address and port',
      '409 local_vm': 'the machine of the manager keeps its address',
    },
    handle: async ({ actor, vm, body, requestId, remoteAddress }) => {
      const registered = await vms.setGuestIp(
        { actor, request: { requestId, remoteAddress } },
        vm.id,
        { guestIp: body.guest_ip, agentPort: body.agent_port, takeOver: body.take_over },
      );
      if (!registered.ok) return registered;
      const { id, guestIp } = registered.value;
      return { ok: true, status: 200, body: { vm_id: id, guest_ip: guestIp } };
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/v1/vms/:id/guest-ip',
    tag: 'VMs',
    summary: "Clears the address of a VM's agent",
    access: { action: 'vm.update', vm: 'id' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: { 204: { description: 'it has none' } },
    problems: { '409 local_vm': 'the machine of the manager keeps its address' },
    handle: async ({ actor, vm, requestId, remoteAddress }) => {
      const by = { actor, request: { requestId, remoteAddress } };
      const cleared = await vms.clearGuestIp(by, vm.id);
      return cleared.ok ? { ok: true, status: 204 } : cleared;
    },
  }),
];

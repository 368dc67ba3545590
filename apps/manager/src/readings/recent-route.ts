/** `GET /v1/fleet/recent`: the last five minutes of all VMs that the caller sees, in one answer. */
import { fleetRecentSchema, type FleetRecent } from '@innkeeper/protocol';
import { authorize } from '../auth/authorize.ts';
import { defineRoute } from '../http/define-route.ts';
import { nothing, type AnyRoute } from '../http/route.ts';
import type { VmRecord, Vms } from '../vms/vm-record.ts';
import { RECENT_STEP_MS, type RecentTrails } from './recent-trails.ts';

export interface RecentRouteOptions {
  readonly vms: Pick<Vms, 'all'>;
  readonly recent: Pick<RecentTrails, 'table'>;
}

export const makeRecentRoute = ({ vms, recent }: RecentRouteOptions): AnyRoute =>
  defineRoute({
    method: 'get',
    path: '/v1/fleet/recent',
    tag: 'Metrics',
    summary: 'CPU and memory of every VM over the last five minutes, packed',
    access: { action: 'vm.read' },
    params: nothing,
    query: nothing,
    body: nothing,
    answers: {
      200: { description: 'A row of bytes for each VM', schema: fleetRecentSchema },
    },
    handle: async ({ actor }) => {
      const seen: VmRecord[] = [];
      for (const vm of vms.all()) if (authorize(actor, 'vm.read', vm)) seen.push(vm);
      const { end, keys, cpu, memory } = recent.table(seen);
      const body: FleetRecent = {
        step_ms: RECENT_STEP_MS,
        end,
        keys: [...keys],
        cpu: cpu.toString('base64'),
        memory: memory.toString('base64'),
      };
      return { ok: true, status: 200, body };
    },
  });

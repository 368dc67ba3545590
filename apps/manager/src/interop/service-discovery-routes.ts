/** GET /v1/sd/prometheus: whom Prometheus may scrape directly. */
import { z } from 'zod';
import { authorize } from '../auth/authorize.ts';
import { defineRoute } from '../http/define-route.ts';
import { nothing, type AnyRoute } from '../http/route.ts';
import type { MetricsDependencies } from './metrics-routes.ts';
import { makeTargetGroups, targetGroupsSchema } from './service-discovery.ts';

export const serviceDiscoveryRoutes = ({
  vms,
  readings,
  hosts,
}: Pick<MetricsDependencies, 'vms' | 'readings' | 'hosts'>): readonly AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/v1/sd/prometheus',
    tag: 'Interoperation',
    summary: "The guests' agents, as Prometheus' HTTP service discovery wants them",
    params: nothing,
    query: z.looseObject({}),
    body: nothing,
    access: { action: 'vm.read' },
    answers: {
      200: { description: 'Of the VMs in scope that have an address', schema: targetGroupsSchema },
    },
    handle: ({ actor }) => {
      const seesHosts = authorize(actor, 'host.read', undefined);
      const seen = [...vms.all()].filter((vm) => authorize(actor, 'vm.read', vm));
      const body = makeTargetGroups(
        seen,
        (vm) => readings.latest(vm).state,
        ({ hostId }) => (seesHosts && hostId !== undefined ? hosts.get(hostId)?.name : undefined),
      );
      // Prometheus takes exactly this type.
      return Promise.resolve({ ok: true, status: 200, body, contentType: 'application/json' });
    },
  }),
];

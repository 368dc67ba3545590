/** GET /v1/sd/prometheus: whom Prometheus may scrape directly, and by what it knows them. */
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { authorize } from '../auth/authorize.ts';
import { defineRoute } from '../http/define-route.ts';
import { nothing, type AnyRoute } from '../http/route.ts';
import { readAgentCertificate } from './agent-certificate.ts';
import type { MetricsDependencies } from './metrics-routes.ts';
import type { ToldCertificate } from './sql/list-agent-certificates.ts';
import { makeTargetGroups, targetGroupsSchema } from './service-discovery.ts';

export interface DiscoveryDependencies extends Pick<
  MetricsDependencies,
  'vms' | 'readings' | 'hosts'
> {
  readonly listCertificates: () => Promise<readonly ToldCertificate[]>;
}

const PEM_TYPE = 'application/pem-certificate-chain';
/** A few milliseconds of work: others must have their turn between. */
const CERTIFICATES_AT_A_TIME = 50;

export const serviceDiscoveryRoutes = ({
  vms,
  readings,
  hosts,
  listCertificates,
}: DiscoveryDependencies): readonly AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/v1/sd/prometheus/agents.pem',
    tag: 'Interoperation',
    summary: 'The certificates of agents that encrypt, as ca_file for Prometheus',
    params: nothing,
    query: z.looseObject({}),
    body: nothing,
    access: { action: 'vm.read' },
    answers: {
      200: { description: 'Of the VMs in scope; they are for one name', contentType: PEM_TYPE },
    },
    async handle({ actor }) {
      const seen = new Map(
        [...vms.all()].flatMap((vm) =>
          vm.tlsPin !== undefined && authorize(actor, 'vm.read', vm) ? [[vm.id, vm.tlsPin]] : [],
        ),
      );
      const certificates: string[] = [];
      for (const [index, { vmId, certificate }] of (await listCertificates()).entries()) {
        if (index % CERTIFICATES_AT_A_TIME === CERTIFICATES_AT_A_TIME - 1) await setImmediate();
        const tlsPin = seen.get(vmId);
        const pem = tlsPin === undefined ? undefined : readAgentCertificate(certificate, tlsPin);
        if (pem !== undefined) certificates.push(pem);
      }
      return { ok: true, status: 200, body: certificates.join(''), contentType: PEM_TYPE };
    },
  }),
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

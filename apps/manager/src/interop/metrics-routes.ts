/** GET /metrics: the manager's own metrics, and the merged readings of the VMs that one may see. */
import { z } from 'zod';
import type { Actor } from '../auth/actor.ts';
import { authorize } from '../auth/authorize.ts';
import type { HostRecord } from '../hosts/host-record.ts';
import { defineRoute } from '../http/define-route.ts';
import { refuse } from '../http/problem.ts';
import { nothing, type AnyRoute } from '../http/route.ts';
import type { Readings } from '../readings/readings.ts';
import type { Vms } from '../vms/vm-record.ts';
import {
  acceptsOpenMetrics,
  OPENMETRICS_END,
  OPENMETRICS_TYPE,
  PROMETHEUS_TYPE,
  toOpenMetrics,
} from './exposition.ts';
import type { ManagerMetrics } from './manager-metrics.ts';
import { makeVmMetricsWriter } from './vm-metrics.ts';

export interface MetricsDependencies {
  readonly metrics: Pick<ManagerMetrics, 'text'>;
  readonly vms: Pick<Vms, 'all'>;
  readonly readings: Pick<Readings, 'latest'>;
  readonly hosts: { get(id: string): Pick<HostRecord, 'name'> | undefined };
}

/** 2 ms of work: others must have their turn between, at 10,000 VMs too. */
const VMS_AT_A_TIME = 100;
/** Different ones; the same are made once for all who wait. A text of 10,000 VMs has 50 MB. */
const MAX_AT_ONCE = 2;
const TIMEOUT_MS = 30_000;

/** Prometheus text. Of the VMs there are gauges only, which OpenMetrics writes the same way. */
interface MetricsText {
  readonly manager: string;
  readonly vms: string;
}

const nextTurn = async (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

const makeMetricsText =
  ({ metrics, vms, readings, hosts }: MetricsDependencies) =>
  async (actor: Actor, withVms: boolean): Promise<MetricsText> => {
    const seesHosts = authorize(actor, 'host.read', undefined);
    const writer = makeVmMetricsWriter();
    let written = 0;
    for (const vm of withVms ? Array.from(vms.all()) : []) {
      if (!authorize(actor, 'vm.read', vm)) continue;
      const host = seesHosts && vm.hostId !== undefined ? hosts.get(vm.hostId) : undefined;
      writer.add(vm, readings.latest(vm), host?.name);
      written += 1;
      if (written % VMS_AT_A_TIME > 0) continue;
      writer.settle();
      await nextTurn();
    }
    const manager = authorize(actor, 'manager.read', undefined) ? await metrics.text() : '';
    return { manager, vms: writer.text() };
  };

const BUSY = refuse({
  status: 503,
  code: 'busy',
  message: 'too many are reading the metrics just now: try again later',
  headers: { 'retry-after': '1' },
});

/** Those who may see the same, and ask at the same time, get the same text. */
const sharing = (
  makeText: (actor: Actor, withVms: boolean) => Promise<MetricsText>,
): ((actor: Actor, withVms: boolean) => Promise<MetricsText> | undefined) => {
  const underWay = new Map<string, Promise<MetricsText>>();
  return (actor, withVms) => {
    // What depends on the actor is what it may see: see `authorize`.
    const key = JSON.stringify([actor.role, actor.scope?.text ?? null, withVms]);
    const known = underWay.get(key);
    if (known !== undefined || underWay.size >= MAX_AT_ONCE) return known;
    const made = makeText(actor, withVms).finally(() => {
      underWay.delete(key);
    });
    underWay.set(key, made);
    return made;
  };
};

export const metricsRoutes = (dependencies: MetricsDependencies): readonly AnyRoute[] => {
  const shared = sharing(makeMetricsText(dependencies));
  return [
    defineRoute({
      method: 'get',
      path: '/metrics',
      tag: 'Interoperation',
      summary: 'Metrics in the text format of Prometheus, or as OpenMetrics by Accept',
      params: nothing,
      // Prometheus may be told to send parameters of its own.
      query: z.looseObject({
        vms: z.enum(['true', 'false']).optional().describe('false leaves out the VMs'),
      }),
      body: nothing,
      access: { action: 'vm.read' },
      timeoutMs: TIMEOUT_MS,
      answers: {
        200: {
          description:
            'What the merged readings of the VMs in scope say; without a scope also how the manager itself is doing',
          contentType: PROMETHEUS_TYPE,
        },
      },
      problems: { '503 busy': 'too many are reading the metrics just now' },
      async handle({ actor, query, header }) {
        const made = shared(actor, query.vms !== 'false');
        if (made === undefined) return BUSY;
        const { manager, vms } = await made;
        return acceptsOpenMetrics(header('accept'))
          ? {
              ok: true,
              status: 200,
              body: `${toOpenMetrics(manager)}${vms}${OPENMETRICS_END}`,
              contentType: OPENMETRICS_TYPE,
            }
          : { ok: true, status: 200, body: manager + vms, contentType: PROMETHEUS_TYPE };
      },
    }),
  ];
};

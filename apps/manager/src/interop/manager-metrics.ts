/** The manager's own metrics: a registry of its own, filled at each scrape from the parts. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { ReadingsStats } from '../readings/make-readings.ts';
import { addConnectionMetrics, type ConnectionSources } from './connection-metrics.ts';
import { addCounter, addGauge, byLabel, single } from './family.ts';
import { makeHttpMetrics, type RequestSeen } from './http-metrics.ts';
import { addLogMetrics, type LogHubSource } from './log-metrics.ts';
import { addKeptLogMetrics, type KeptLogsSource } from './kept-log-metrics.ts';
import { addPullMetrics, type PullSources } from './pull-metrics.ts';
import { addPushMetrics, type PushSource } from './push-metrics.ts';
import { addRunMetrics, type RunSourceOfMetrics } from './run-metrics.ts';
import {
  addMaintenanceMetrics,
  addWriterMetrics,
  type MaintenanceSource,
  type WriterSource,
} from './store-metrics.ts';

export interface MetricSources {
  readonly version: string;
  readonly pulls: PullSources;
  readonly agents: ConnectionSources;
  readonly readings: () => Pick<
    ReadingsStats,
    'states' | 'origins' | 'readingsTotal' | 'eventsTotal' | 'eventsDroppedTotal'
  >;
  readonly writer: WriterSource;
  readonly maintenance: MaintenanceSource;
  readonly push: PushSource;
  readonly logHub: LogHubSource;
  readonly keptLogs: KeptLogsSource;
  readonly runs: RunSourceOfMetrics;
  readonly database: () => { readonly isUp: boolean };
  /** Refused sign-ins and requests, by a bounded set of reasons. */
  readonly authFailures: () => Readonly<Record<string, number>>;
  readonly now: () => number;
}

export interface ManagerMetrics {
  observeRequest(seen: RequestSeen): void;
  /** Prometheus text, version 0.0.4. */
  text(): Promise<string>;
}

export const makeManagerMetrics = (sources: MetricSources): ManagerMetrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addGauge(registry, {
    name: 'innkeeper_build_info',
    help: 'The version of the manager.',
    labels: ['version'],
    read: () => [[{ version: sources.version }, 1]],
  });
  const pullHistograms = addPullMetrics(registry, sources.pulls);
  addConnectionMetrics(registry, sources.agents);
  addGauge(registry, {
    name: 'innkeeper_vms',
    help: 'Registered VMs, by state.',
    labels: ['state'],
    read: () => byLabel('state', sources.readings().states),
  });
  addGauge(registry, {
    name: 'innkeeper_vms_by_origin',
    help: 'Registered VMs, by where their values come from.',
    labels: ['origin'],
    read: () => byLabel('origin', sources.readings().origins),
  });
  addCounter(registry, {
    name: 'innkeeper_readings_total',
    help: 'Readings that were made.',
    read: () => single(sources.readings().readingsTotal),
  });
  addCounter(registry, {
    name: 'innkeeper_vm_events_total',
    help: 'Events of VMs; those beyond the limit of an hour are dropped.',
    labels: ['result'],
    read: () => {
      const { eventsTotal, eventsDroppedTotal } = sources.readings();
      return byLabel('result', { kept: eventsTotal, dropped: eventsDroppedTotal });
    },
  });
  addWriterMetrics(registry, sources.writer);
  addMaintenanceMetrics(registry, sources.maintenance, sources.now);
  addPushMetrics(registry, sources.push);
  addLogMetrics(registry, sources.logHub);
  addKeptLogMetrics(registry, sources.keptLogs);
  addRunMetrics(registry, sources.runs);
  addGauge(registry, {
    name: 'innkeeper_database_up',
    help: '1 while the database answers.',
    read: () => single(sources.database().isUp ? 1 : 0),
  });
  addCounter(registry, {
    name: 'innkeeper_auth_failures_total',
    help: 'Refused credentials, by reason.',
    labels: ['reason'],
    read: () => byLabel('reason', sources.authFailures()),
  });
  const observeRequest = makeHttpMetrics(registry);
  return {
    observeRequest,
    async text() {
      // prom-client separates families by empty lines, and writes Nan for what it does not know yet.
      const text = (await registry.metrics()).replaceAll(/^.* Nan\n/gmu, '');
      return text.replaceAll(/\n{2,}/gu, '\n') + pullHistograms();
    },
  };
};

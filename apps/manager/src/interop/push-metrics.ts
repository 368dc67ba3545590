/** What browsers are told, and what it costs. */
import type { Registry } from 'prom-client';
import type { PushStats } from '../push/push-stats.ts';
import { addCounter, addGauge, byLabel, single } from './family.ts';

export type PushSource = () => PushStats;

export const addPushMetrics = (registry: Registry, read: PushSource): void => {
  const gauge = (name: string, help: string, value: (stats: PushStats) => number): void => {
    addGauge(registry, {
      name: `innkeeper_push_${name}`,
      help,
      read: () => single(value(read())),
    });
  };
  const counter = (
    name: string,
    help: string,
    label: string,
    values: (stats: PushStats) => Readonly<Record<string, number>>,
  ): void => {
    addCounter(registry, {
      name: `innkeeper_push_${name}_total`,
      help,
      labels: [label],
      read: () => byLabel(label, values(read())),
    });
  };
  gauge('connections', 'Signed-in connections.', ({ connections }) => connections);
  gauge('fleet_watchers', 'Connections that watch the fleet.', ({ fleet }) => fleet.watchers);
  gauge('fleet_scopes', 'Label scopes that are watched.', ({ fleet }) => fleet.scopes);
  gauge('vm_subscriptions', 'Subscriptions to single VMs.', ({ vm }) => vm.subscriptions);
  gauge('buffered_bytes', 'What waits for clients to read.', (stats) => stats.bufferedBytes);
  counter('connections_closed', 'Ended connections.', 'reason', ({ closed }) => closed);
  counter('handshakes_refused', 'Refused before signing in.', 'reason', (stats) => ({
    ...stats.handshakesRefused,
    sign_in: stats.signInsRefused,
  }));
  counter('client_events', 'Events that clients sent.', 'result', (stats) => ({
    handled: stats.events - stats.unknownEvents - stats.refusedEvents - stats.failedEvents,
    unknown: stats.unknownEvents,
    too_many: stats.refusedEvents,
    failed: stats.failedEvents,
  }));
  counter('fleet_frames', 'Frames of the fleet, for each client.', 'result', ({ fleet }) => ({
    sent: fleet.framesSent,
    dropped: fleet.framesDropped,
  }));
  counter('readings', 'Readings of single VMs, for each client.', 'result', ({ vm }) => ({
    sent: vm.readingsSent,
    replaced: vm.readingsReplaced,
  }));
  gauge('log_subscriptions', 'Subscriptions to logs.', ({ logs }) => logs.subscriptions);
  counter('log_lines', 'Lines of logs and marks, for each client.', 'result', ({ logs }) => ({
    sent: logs.linesSent,
    dropped: logs.linesDropped,
  }));
  addCounter(registry, {
    name: 'innkeeper_push_log_batches_total',
    help: 'Batches of lines that were sent.',
    read: () => single(read().logs.batchesSent),
  });
  gauge('run_subscriptions', 'Subscriptions to runs.', ({ runs }) => runs.subscriptions);
  gauge(
    'provision_subscriptions',
    'Subscriptions to the provisioning of VMs.',
    ({ provisioning }) => provisioning.subscriptions,
  );
  counter('run_events', 'Events of runs, for each client.', 'result', ({ runs }) => ({
    sent: runs.eventsSent,
    skipped: runs.eventsSkipped,
  }));
  addCounter(registry, {
    name: 'innkeeper_push_run_batches_total',
    help: 'Batches of events of runs that were sent.',
    read: () => single(read().runs.batchesSent),
  });
  addCounter(registry, {
    name: 'innkeeper_push_fleet_frames_built_total',
    help: 'Frames that were built, each for all clients of one scope.',
    read: () => single(read().fleet.framesBuilt),
  });
  addCounter(registry, {
    name: 'innkeeper_push_fleet_bytes_total',
    help: 'Bytes of frames that were sent.',
    read: () => single(read().fleet.bytesSent),
  });
};

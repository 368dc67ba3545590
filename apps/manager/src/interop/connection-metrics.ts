/** The connections to agents, by the way that leads there, and the virtio-serial ports of guests. */
import type { Registry } from 'prom-client';
import type { ConnectionCounts, WayCounts } from '../pull/connection-counts.ts';
import type { VirtioPorts } from '../virtio/virtio-ports.ts';
import { addCounter, addGauge, single, type Value } from './family.ts';

export interface ConnectionSources {
  readonly connections: ConnectionCounts['read'];
  readonly virtioPorts: VirtioPorts['stats'];
}

const labels = ['way'] as const;

export const addConnectionMetrics = (
  registry: Registry,
  { connections, virtioPorts }: ConnectionSources,
): void => {
  const each = (value: (counts: WayCounts) => number) => (): Value[] =>
    Object.entries(connections()).map(([way, counts]): Value => [{ way }, value(counts)]);
  addGauge(registry, {
    name: 'innkeeper_agent_connections',
    help: 'Open connections to agents. One virtio_port carries all virtio connections of a guest.',
    labels,
    read: each(({ open }) => open),
  });
  addCounter(registry, {
    name: 'innkeeper_agent_connections_opened_total',
    help: 'Connections to agents that were opened.',
    labels,
    read: each(({ opened }) => opened),
  });
  addCounter(registry, {
    name: 'innkeeper_agent_reconnects_total',
    help: 'Connections that were opened where the attempt before had failed.',
    labels,
    read: each(({ recovered }) => recovered),
  });
  addCounter(registry, {
    name: 'innkeeper_agent_connection_failures_total',
    help: 'Connections to agents that ended before they were open.',
    labels,
    read: each(({ failed }) => failed),
  });
  addCounter(registry, {
    name: 'innkeeper_virtio_calls_total',
    help: 'Messages to agents over virtio-serial ports.',
    read: () => single(virtioPorts().calls),
  });
  addCounter(registry, {
    name: 'innkeeper_virtio_unanswered_calls_total',
    help: 'Messages over virtio-serial ports that were not answered in time.',
    read: () => single(virtioPorts().unanswered),
  });
  addCounter(registry, {
    name: 'innkeeper_virtio_junk_bytes_total',
    help: 'What guests have sent over virtio-serial ports that answered nothing.',
    read: () => single(virtioPorts().junkBytes),
  });
};

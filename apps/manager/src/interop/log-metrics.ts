/** The streams of logs from agents, and what became of their lines. */
import type { Registry } from 'prom-client';
import type { HubStats } from '../logs/hub/hub-stats.ts';
import { addCounter, addGauge, byLabel, single } from './family.ts';

export type LogHubSource = () => HubStats;

export const addLogMetrics = (registry: Registry, read: LogHubSource): void => {
  addGauge(registry, {
    name: 'innkeeper_log_streams',
    help: 'Streams of logs that somebody wants, by whether the agent sends.',
    labels: ['state'],
    read: () => {
      const { streams, liveStreams } = read();
      return byLabel('state', { live: liveStreams, waiting: streams - liveStreams });
    },
  });
  const gauge = (name: string, help: string, value: (stats: HubStats) => number): void => {
    addGauge(registry, { name: `innkeeper_log_${name}`, help, read: () => single(value(read())) });
  };
  gauge('listeners', 'Who listens to streams of logs.', ({ listeners }) => listeners);
  gauge('held_bytes', 'Text of lines that are held.', ({ bytes }) => bytes);
  addCounter(registry, {
    name: 'innkeeper_log_lines_total',
    help: 'What came of logs from agents, and what did not.',
    labels: ['result'],
    read: () => {
      const { lines, dropped, lostByAgents, repeated, bad } = read();
      return byLabel('result', {
        kept: lines,
        dropped,
        lost_by_agent: lostByAgents,
        repeated,
        bad,
      });
    },
  });
  addCounter(registry, {
    name: 'innkeeper_log_reconnects_total',
    help: 'Streams of logs that broke off and were opened again.',
    read: () => single(read().reconnects),
  });
};

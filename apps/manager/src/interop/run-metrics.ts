/** Commands in guests: how many, how their output gets into Postgres, and what was lost. */
import type { Registry } from 'prom-client';
import type { AllRunStats } from '../runs/run-parts.ts';
import { addCounter, addGauge, byLabel, single } from './family.ts';

export type RunSourceOfMetrics = () => AllRunStats;

export const addRunMetrics = (registry: Registry, read: RunSourceOfMetrics): void => {
  addGauge(registry, {
    name: 'innkeeper_runs_active',
    help: 'Runs that are not over.',
    read: () => single(read().runs.active),
  });
  addGauge(registry, {
    name: 'innkeeper_executions_active',
    help: 'Commands that are being sent to guests, or run there.',
    read: () => single(read().runs.executing),
  });
  addCounter(registry, {
    name: 'innkeeper_runs_total',
    help: 'Runs since the start of the manager.',
    labels: ['event'],
    read: () => {
      const { runs, deleted } = read();
      return byLabel('event', { begun: runs.begun, ended: runs.ended, deleted });
    },
  });
  addCounter(registry, {
    name: 'innkeeper_execution_reconnects_total',
    help: 'Attempts to take up the stream of a command again.',
    read: () => single(read().runs.reconnects),
  });
  addCounter(registry, {
    name: 'innkeeper_execution_bad_events_total',
    help: 'Events of agents that were none.',
    read: () => single(read().runs.badEvents),
  });
  addCounter(registry, {
    name: 'innkeeper_run_events_total',
    help: 'Events of runs that Postgres took, or refused.',
    labels: ['result'],
    read: () => {
      const { events, refused } = read().writer;
      return byLabel('result', { written: events, refused });
    },
  });
  addCounter(registry, {
    name: 'innkeeper_run_event_bytes_total',
    help: 'Output and events of runs that Postgres took.',
    read: () => single(read().writer.bytes),
  });
  addGauge(registry, {
    name: 'innkeeper_run_pending_bytes',
    help: 'Waiting for Postgres; beyond the limit agents are not read.',
    read: () => single(read().writer.pendingBytes),
  });
  addCounter(registry, {
    name: 'innkeeper_run_failed_writes_total',
    help: 'Attempts to write that Postgres did not take.',
    read: () => single(read().writer.failedAttempts),
  });
  addCounter(registry, {
    name: 'innkeeper_run_files_total',
    help: 'Files with the output of commands.',
    labels: ['event'],
    read: () => {
      const { ended = 0, pruned = 0, failures = 0 } = read().files ?? {};
      return byLabel('event', { ended, pruned, failed: failures });
    },
  });
};

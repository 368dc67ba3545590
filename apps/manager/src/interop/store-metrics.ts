/** How the samples get into Postgres, and how far the tiers are behind. */
import type { Registry } from 'prom-client';
import type { MaintenanceHealth } from '../store/maintenance.ts';
import type { WriterStats } from '../store/writer-stats.ts';
import { addCounter, addGauge, byLabel, single, type Value } from './family.ts';

export type WriterSource = () => Pick<
  WriterStats,
  | 'state'
  | 'rows'
  | 'events'
  | 'processes'
  | 'batches'
  | 'failedAttempts'
  | 'bufferRows'
  | 'bufferCapacity'
  | 'lagMs'
  | 'lastSuccessAt'
>;
export type MaintenanceSource = () => Pick<
  MaintenanceHealth,
  'tiers' | 'failures' | 'rolledRows' | 'partitionsCreated' | 'partitionsDropped'
>;

const seconds = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : ms / 1_000;

export const addWriterMetrics = (registry: Registry, read: WriterSource): void => {
  addCounter(registry, {
    name: 'innkeeper_store_rows_total',
    help: 'Samples that Postgres took; repeated ones were there already.',
    labels: ['result'],
    read: () => {
      const { written, repeated } = read().rows;
      return byLabel('result', { written, repeated });
    },
  });
  addCounter(registry, {
    name: 'innkeeper_store_rows_dropped_total',
    help: 'Samples that were not kept, by reason.',
    labels: ['reason'],
    read: () => {
      const { overflow, tooOld, inFuture, refused, unwrittenAtStop } = read().rows.dropped;
      return byLabel('reason', {
        overflow,
        too_old: tooOld,
        in_future: inFuture,
        refused,
        unwritten_at_stop: unwrittenAtStop,
      });
    },
  });
  addCounter(registry, {
    name: 'innkeeper_store_events_total',
    help: 'Events of VMs.',
    labels: ['result'],
    read: () => {
      const { written, dropped } = read().events;
      return byLabel('result', { written, dropped });
    },
  });
  addCounter(registry, {
    name: 'innkeeper_store_process_snapshots_total',
    help: 'Lists of the busiest processes, one for each VM and minute.',
    labels: ['result'],
    read: () => {
      const { written, dropped } = read().processes;
      return byLabel('result', { written, dropped });
    },
  });
  addCounter(registry, {
    name: 'innkeeper_store_batches_total',
    help: 'Batches of samples that were written.',
    read: () => single(read().batches),
  });
  addCounter(registry, {
    name: 'innkeeper_store_failed_attempts_total',
    help: 'Attempts to write that Postgres did not take.',
    read: () => single(read().failedAttempts),
  });
  addGauge(registry, {
    name: 'innkeeper_store_waiting',
    help: '1 while Postgres takes nothing and memory keeps the samples.',
    read: () => single(read().state === 'waiting' ? 1 : 0),
  });
  addGauge(registry, {
    name: 'innkeeper_store_buffer_rows',
    help: 'Samples that wait to be written.',
    read: () => single(read().bufferRows),
  });
  addGauge(registry, {
    name: 'innkeeper_store_buffer_capacity_rows',
    help: 'How many samples can wait before the oldest are dropped.',
    read: () => single(read().bufferCapacity),
  });
  addGauge(registry, {
    name: 'innkeeper_store_lag_seconds',
    help: 'Age of the oldest sample that waits.',
    read: () => single(seconds(read().lagMs ?? 0)),
  });
  addGauge(registry, {
    name: 'innkeeper_store_last_success_timestamp_seconds',
    help: 'When samples were last written.',
    read: () => single(seconds(read().lastSuccessAt)),
  });
};

export const addMaintenanceMetrics = (
  registry: Registry,
  read: MaintenanceSource,
  now: () => number,
): void => {
  addGauge(registry, {
    name: 'innkeeper_rollup_lag_seconds',
    help: 'How long ago each tier was last up to date.',
    labels: ['tier'],
    read: () =>
      Array.from(read().tiers, ([tier, at]): Value => [{ tier }, seconds(Math.max(0, now() - at))]),
  });
  addCounter(registry, {
    name: 'innkeeper_rollup_rows_total',
    help: 'Rows of the tiers that were written.',
    read: () => single(read().rolledRows),
  });
  addCounter(registry, {
    name: 'innkeeper_store_partitions_total',
    help: 'Partitions that were made, and dropped with what they held.',
    labels: ['action'],
    read: () => {
      const { partitionsCreated, partitionsDropped } = read();
      return byLabel('action', { created: partitionsCreated, dropped: partitionsDropped });
    },
  });
  addCounter(registry, {
    name: 'innkeeper_store_maintenance_failures_total',
    help: 'Jobs of the store that failed.',
    read: () => single(read().failures),
  });
};

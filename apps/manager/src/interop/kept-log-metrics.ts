/** What is kept of the guests' logs, and what is not. */
import type { Registry } from 'prom-client';
import { droppedByReason, type KeptLogsStats } from '../logs/kept/kept-logs-stats.ts';
import { addCounter, addGauge, byLabel, single } from './family.ts';

/** Undefined: logs are not kept, and there are no series of it. */
export type KeptLogsSource = () => KeptLogsStats | undefined;

export const addKeptLogMetrics = (registry: Registry, read: KeptLogsSource): void => {
  addCounter(registry, {
    name: 'innkeeper_logs_kept_lines_total',
    help: 'Log lines that Postgres took; repeated ones were there already.',
    labels: ['result'],
    read: () => {
      const stats = read();
      if (stats === undefined) return [];
      const { written, repeated } = stats.writer;
      return byLabel('result', { written, repeated });
    },
  });
  addCounter(registry, {
    name: 'innkeeper_logs_kept_bytes_total',
    help: 'About what the log lines that were written take in the table.',
    read: () => single(read()?.writer.bytes),
  });
  addCounter(registry, {
    name: 'innkeeper_logs_dropped_lines_total',
    help: 'Log lines that were to be kept and were not, by reason.',
    labels: ['reason'],
    read: () => {
      const stats = read();
      return stats === undefined ? [] : byLabel('reason', droppedByReason(stats));
    },
  });
  addCounter(registry, {
    name: 'innkeeper_logs_gaps_total',
    help: 'Places where lines of a VM may be missing, also where nobody can tell how many.',
    read: () => single(read()?.recorder.gaps),
  });
  addCounter(registry, {
    name: 'innkeeper_logs_last_words_total',
    help: 'Agents that were lost, and whose last lines were kept.',
    read: () => single(read()?.recorder.losses),
  });
  addCounter(registry, {
    name: 'innkeeper_logs_last_words_lines_total',
    help: 'Lines that were kept because the agent was lost soon after.',
    read: () => single(read()?.recorder.taken.last_words),
  });
  addGauge(registry, {
    name: 'innkeeper_logs_recorded_vms',
    help: 'VMs of which something is to be kept, and those whose lines come in just now.',
    labels: ['state'],
    read: () => {
      const stats = read();
      if (stats === undefined) return [];
      const { recorded, live } = stats.recorder;
      return byLabel('state', { live, away: recorded - live });
    },
  });
  addGauge(registry, {
    name: 'innkeeper_logs_last_lines_bytes',
    help: 'Memory of the last lines of all VMs, packed.',
    read: () => single(read()?.recorder.packedBytes),
  });
  addGauge(registry, {
    name: 'innkeeper_logs_buffer_lines',
    help: 'Log lines that wait to be written.',
    read: () => single(read()?.writer.bufferRows),
  });
  addGauge(registry, {
    name: 'innkeeper_logs_stored_bytes',
    help: 'What all kept log lines take in the database, with their indexes.',
    read: () => single(read()?.room.bytes),
  });
  addCounter(registry, {
    name: 'innkeeper_logs_partitions_dropped_total',
    help: 'Partitions of the oldest lines that went because all of them took too much.',
    read: () => single(read()?.room.partitionsDropped),
  });
};

/**
 * The numbers of a reading that are kept: columns of the sample tables, fields of the history.
 * The order is that of the columns; new ones go to the end.
 */
import { z } from 'zod';

export const metricFieldSchema = z.enum([
  'cpu_usage_percent',
  'cpu_user_percent',
  'cpu_system_percent',
  'cpu_iowait_percent',
  'cpu_steal_percent',
  'memory_usage_percent',
  'memory_used_bytes',
  'memory_total_bytes',
  'swap_used_bytes',
  'load1',
  'pressure_cpu_percent',
  'pressure_memory_percent',
  'pressure_io_percent',
  'process_count',
  'network_rx_bytes_per_second',
  'network_tx_bytes_per_second',
  'network_problems_per_second',
  'disk_read_bytes_per_second',
  'disk_write_bytes_per_second',
  'disk_reads_per_second',
  'disk_writes_per_second',
  'disk_busy_percent',
  'filesystem_usage_percent',
  'pull_seconds',
  /** The host's view, whatever the origin of the rest. */
  'host_cpu_usage_percent',
  'memory_cached_bytes',
  'disk_read_await_seconds',
  'disk_write_await_seconds',
]);

export type MetricField = z.infer<typeof metricFieldSchema>;
export const METRIC_FIELDS: readonly MetricField[] = metricFieldSchema.options;

/** The numbers that the charts of a VM draw, from readings and from the history alike. */
import type { History, MetricField, Reading } from '@innkeeper/protocol';
import { ORIGIN_GUEST, ORIGIN_HOST, ORIGIN_NONE, type SampleRow } from '../charts/samples.ts';

/** What is stored, so that any range has it. */
export const HISTORY_FIELDS = [
  'cpu_usage_percent',
  'cpu_user_percent',
  'cpu_system_percent',
  'cpu_iowait_percent',
  'cpu_steal_percent',
  'host_cpu_usage_percent',
  'memory_used_bytes',
  'memory_cached_bytes',
  'memory_total_bytes',
  'load1',
  'pressure_cpu_percent',
  'pressure_memory_percent',
  'pressure_io_percent',
  'network_rx_bytes_per_second',
  'network_tx_bytes_per_second',
  'disk_read_bytes_per_second',
  'disk_write_bytes_per_second',
  'disk_read_await_seconds',
  'disk_write_await_seconds',
] as const satisfies readonly MetricField[];

/** Only readings have these: they are there for the minutes that this page has seen. */
const LIVE_COLUMNS = ['host_memory_bytes', 'cpu_count'] as const;

export const COLUMNS = [...HISTORY_FIELDS, ...LIVE_COLUMNS] as const;

const ORIGINS = { guest: ORIGIN_GUEST, host: ORIGIN_HOST, none: ORIGIN_NONE } as const;

const orNaN = (value: number | null | undefined): number => value ?? Number.NaN;

const hostMemory = ({ host }: Reading): number =>
  orNaN(host?.memory_pss_bytes ?? host?.memory_rss_bytes);

export const rowOfReading = (reading: Reading): SampleRow => ({
  time: reading.taken_at,
  origin: ORIGINS[reading.origin],
  values: [
    ...HISTORY_FIELDS.map((field) =>
      orNaN(field === 'host_cpu_usage_percent' ? reading.host?.cpu_usage_percent : reading[field]),
    ),
    hostMemory(reading),
    orNaN(reading.cpu_count ?? reading.host?.vcpu_count),
  ],
});

/**
 * A step is shown in its middle, the last one as far as it has come. Steps in which nothing was
 * stored are left out.
 */
export const rowsOfHistory = ({
  to,
  t,
  step_ms,
  origins,
  series,
}: History): readonly SampleRow[] => {
  const columns = HISTORY_FIELDS.map((field) => series[field]?.avg);
  return t.flatMap((start, index) => {
    const origin = origins[index] ?? null;
    if (origin === null) return [];
    return [
      {
        time: Math.max(start, Math.min(start + step_ms / 2, to)),
        origin: origin === 'host' ? ORIGIN_HOST : ORIGIN_GUEST,
        values: columns.map((column) => orNaN(column?.[index])),
      },
    ];
  });
};

/** The six charts of a VM. */
import type { ChartSpec } from '../../charts/chart-spec.ts';
import {
  formatBytes,
  formatBytesPerSecond,
  formatNumber,
  formatPercent,
  formatSeconds,
} from '../../format/quantity.ts';

const known = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** Unknown parts count as nothing, as long as one is known. */
const sum = (...values: readonly number[]): number | null => {
  const present = values.filter((value) => !Number.isNaN(value));
  return present.length === 0 ? null : present.reduce((total, value) => total + value, 0);
};

const CPU: ChartSpec = {
  id: 'cpu',
  part: 'cpu',
  title: 'CPU',
  unit: 'percent',
  mode: 'stacked',
  top: 100,
  series: [
    { column: 'cpu_user_percent', label: 'user', colour: '--s1' },
    { column: 'cpu_system_percent', label: 'system', colour: '--s3' },
    { column: 'cpu_iowait_percent', label: 'iowait', colour: '--s2' },
    { column: 'cpu_steal_percent', label: 'steal', colour: '--s4' },
  ],
  overlay: {
    column: 'host_cpu_usage_percent',
    label: 'host’s view',
    against: ['cpu_user_percent', 'cpu_system_percent', 'cpu_steal_percent'],
    tolerance: () => 5,
  },
  headline: (of) => {
    const usage = known(of('cpu_usage_percent')) ?? known(of('host_cpu_usage_percent'));
    const { figure } = formatPercent(usage);
    if (usage === null) return { figure, unit: '' };
    const count = known(of('cpu_count'));
    return { figure, unit: count === null ? '%' : `% of ${count} vCPU` };
  },
};

const MEMORY: ChartSpec = {
  id: 'memory',
  part: 'memory',
  title: 'Memory',
  unit: 'bytes',
  mode: 'stacked',
  top: 'memory_total_bytes',
  series: [
    { column: 'memory_used_bytes', label: 'used', colour: '--s3' },
    { column: 'memory_cached_bytes', label: 'cache', colour: '--s1' },
  ],
  overlay: {
    column: 'host_memory_bytes',
    label: 'VM’s process',
    against: ['memory_used_bytes', 'memory_cached_bytes'],
    tolerance: (top) => top / 20,
  },
  headline: (of) => {
    const { figure, unit } = formatBytes(known(of('memory_used_bytes')));
    const total = known(of('memory_total_bytes'));
    if (total === null) return { figure, unit };
    const whole = formatBytes(total);
    const own = whole.unit === unit ? '' : `${unit} `;
    return { figure, unit: `${own}of ${whole.figure} ${whole.unit}` };
  },
};

const NETWORK: ChartSpec = {
  id: 'network',
  part: 'network',
  title: 'Network',
  unit: 'bytes_per_second',
  mode: 'mirrored',
  series: [
    { column: 'network_rx_bytes_per_second', label: 'in', colour: '--s1' },
    { column: 'network_tx_bytes_per_second', label: 'out', colour: '--s2', isBelow: true },
  ],
  headline: (of) =>
    formatBytesPerSecond(sum(of('network_rx_bytes_per_second'), of('network_tx_bytes_per_second'))),
};

const DISK: ChartSpec = {
  id: 'disk',
  part: 'disk',
  title: 'Disk',
  unit: 'bytes_per_second',
  mode: 'mirrored',
  series: [
    { column: 'disk_read_bytes_per_second', label: 'read', colour: '--s3' },
    { column: 'disk_write_bytes_per_second', label: 'write', colour: '--s4', isBelow: true },
  ],
  headline: (of) =>
    formatBytesPerSecond(sum(of('disk_read_bytes_per_second'), of('disk_write_bytes_per_second'))),
};

const LOAD: ChartSpec = {
  id: 'load',
  title: 'Load and pressure',
  unit: 'number',
  mode: 'line',
  series: [
    { column: 'load1', label: 'load', colour: '--s1', isFilled: true },
    { column: 'pressure_cpu_percent', label: 'PSI cpu', colour: '--s3', isPercent: true },
    { column: 'pressure_memory_percent', label: 'memory', colour: '--s4', isPercent: true },
    { column: 'pressure_io_percent', label: 'io', colour: '--s2', isPercent: true },
  ],
  limit: { column: 'cpu_count', label: 'CPUs' },
  headline: (of) => {
    const load = known(of('load1'));
    return { ...formatNumber(load), unit: load === null ? '' : 'load 1 m' };
  },
};

const LATENCY: ChartSpec = {
  id: 'latency',
  part: 'disk',
  title: 'Disk latency',
  unit: 'seconds',
  mode: 'line',
  isSparse: true,
  series: [
    { column: 'disk_read_await_seconds', label: 'read', colour: '--s3', isFilled: true },
    { column: 'disk_write_await_seconds', label: 'write', colour: '--s4', isFilled: true },
  ],
  headline: (of) => {
    const values = [of('disk_read_await_seconds'), of('disk_write_await_seconds')];
    const present = values.filter((value) => !Number.isNaN(value));
    const { figure, unit } = formatSeconds(present.length === 0 ? null : Math.max(...present));
    return { figure, unit: unit === '' ? '' : `${unit} await` };
  },
};

export const VM_CHARTS: readonly ChartSpec[] = [CPU, MEMORY, NETWORK, DISK, LOAD, LATENCY];

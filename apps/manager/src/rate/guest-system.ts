/** What belongs to none of the four parts: load, pressure, swap, filesystems, processes. */
import type { Reading, Sample } from '@innkeeper/protocol';
import { gauge, MAX_COUNT, percentOf } from './counter-rate.ts';

export type GuestSystem = Pick<
  Reading,
  | 'uptime_seconds'
  | 'swap_used_bytes'
  | 'swap_total_bytes'
  | 'load1'
  | 'load5'
  | 'load15'
  | 'pressure_cpu_percent'
  | 'pressure_memory_percent'
  | 'pressure_io_percent'
  | 'process_count'
  | 'processes_running'
  | 'processes_blocked'
  | 'filesystem_usage_percent'
  | 'filesystems'
  | 'top'
>;

type Filesystem = NonNullable<Sample['filesystems']>[number];
type FilesystemUse = NonNullable<Reading['filesystems']>[number];

const isPlausible = (bytes: number | null): bytes is number => bytes !== null && bytes <= MAX_COUNT;

/** As df does: what is reserved for root is neither used nor available, and counts in neither. */
const filesystemUse = (filesystem: Filesystem): FilesystemUse => {
  const { size_bytes: size, free_bytes: free, available_bytes: available } = filesystem;
  const used = isPlausible(size) && isPlausible(free) ? Math.max(0, size - free) : null;
  return {
    device: filesystem.device,
    mountpoint: filesystem.mountpoint,
    fstype: filesystem.fstype,
    readonly: filesystem.readonly,
    size_bytes: gauge(size),
    used_bytes: used,
    available_bytes: gauge(available),
    usage_percent:
      used === null || !isPlausible(available) ? null : percentOf(used, used + available),
    error: filesystem.error,
  };
};

/** An image that is mounted read-only is always full. */
const fullest = (filesystems: readonly FilesystemUse[]): number | null => {
  let most: number | null = null;
  for (const { readonly, usage_percent: usage } of filesystems) {
    if (!readonly && usage !== null && (most === null || usage > most)) most = usage;
  }
  return most;
};

export const guestSystem = (sample: Sample): GuestSystem => {
  const { swap, load, pressure, processes } = sample;
  const filesystems = sample.filesystems?.map(filesystemUse) ?? null;
  return {
    uptime_seconds: gauge(sample.uptime_seconds),
    swap_used_bytes: gauge(swap?.used_bytes),
    swap_total_bytes: gauge(swap?.total_bytes),
    load1: gauge(load?.load1),
    load5: gauge(load?.load5),
    load15: gauge(load?.load15),
    pressure_cpu_percent: pressure?.cpu?.some?.avg10 ?? null,
    pressure_memory_percent: pressure?.memory?.some?.avg10 ?? null,
    pressure_io_percent: pressure?.io?.some?.avg10 ?? null,
    process_count: processes.total,
    processes_running: processes.running,
    processes_blocked: processes.blocked,
    filesystem_usage_percent: filesystems === null ? null : fullest(filesystems),
    filesystems,
    top: processes.top,
  };
};

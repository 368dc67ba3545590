/** The CPU and memory parts of a sample. Unknown is null. */
import { memoryView, type CpuTimes, type Meminfo, type Stat } from '@innkeeper/procfs';
import type { CpuSeconds, Sample } from '@innkeeper/protocol';

const cpuSeconds = (times: CpuTimes): CpuSeconds => ({
  user: times.user,
  nice: times.nice,
  system: times.system,
  idle: times.idle,
  iowait: times.iowait ?? null,
  irq: times.irq ?? null,
  softirq: times.softirq ?? null,
  steal: times.steal ?? null,
  guest: times.guest ?? null,
  guest_nice: times.guestNice ?? null,
});

export const sampleCpu = (stat: Stat | undefined): Sample['cpu'] => {
  if (stat === undefined || stat.cores.length === 0) return null;
  return {
    count: stat.cores.length,
    seconds: cpuSeconds(stat.cpu),
    cores: stat.cores.map(({ cpu, times }) => ({ cpu, seconds: cpuSeconds(times) })),
  };
};

export const sampleMemory = (meminfo: Meminfo | undefined): Sample['memory'] => {
  if (meminfo === undefined) return null;
  const { totalBytes, availableBytes, usedBytes } = memoryView(meminfo);
  const field = (name: string): number | null => meminfo.fields.get(name) ?? null;
  return {
    total_bytes: totalBytes,
    available_bytes: availableBytes,
    used_bytes: usedBytes,
    free_bytes: meminfo.memFreeBytes,
    buffers_bytes: field('Buffers'),
    cached_bytes: field('Cached'),
    shared_bytes: field('Shmem'),
    slab_reclaimable_bytes: field('SReclaimable'),
    dirty_bytes: field('Dirty'),
    committed_bytes: field('Committed_AS'),
  };
};

export const sampleSwap = (meminfo: Meminfo | undefined): Sample['swap'] => {
  const total = meminfo?.fields.get('SwapTotal');
  const free = meminfo?.fields.get('SwapFree');
  if (total === undefined || free === undefined) return null;
  return { total_bytes: total, free_bytes: free, used_bytes: Math.max(0, total - free) };
};

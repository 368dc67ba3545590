/** The sums over the fleet, of what is known: nothing known is no sum, and never 0. */
import type { FleetRow } from '@innkeeper/protocol/fleet-frame';

export interface Totals {
  /** Of all CPUs that are known, weighted by how many each VM has. */
  readonly cpuUsagePercent: number | null;
  readonly cpuCount: number | null;
  readonly memoryUsedBytes: number | null;
  readonly memoryTotalBytes: number | null;
  /** Received and sent. */
  readonly networkBytesPerSecond: number | null;
}

export const sumRows = (rows: Iterable<FleetRow | undefined>): Totals => {
  let cpus = 0;
  let busy = 0;
  let memory = 0;
  let used = 0;
  let network: number | null = null;
  for (const row of rows) {
    if (row === undefined) continue;
    const { cpuUsagePercent, cpuCount, memoryUsagePercent, memoryTotalBytes } = row;
    if (cpuUsagePercent !== null && cpuCount !== null) {
      cpus += cpuCount;
      busy += cpuCount * cpuUsagePercent;
    }
    if (memoryUsagePercent !== null && memoryTotalBytes !== null) {
      memory += memoryTotalBytes;
      used += (memoryTotalBytes * memoryUsagePercent) / 100;
    }
    if (row.networkRxBytesPerSecond !== null) {
      network = (network ?? 0) + row.networkRxBytesPerSecond + (row.networkTxBytesPerSecond ?? 0);
    }
  }
  return {
    cpuUsagePercent: cpus === 0 ? null : busy / cpus,
    cpuCount: cpus === 0 ? null : cpus,
    memoryUsedBytes: memory === 0 ? null : used,
    memoryTotalBytes: memory === 0 ? null : memory,
    networkBytesPerSecond: network,
  };
};

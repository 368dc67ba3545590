/** The machine that a result was measured on, for the line under the tables. */

import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly date: string;
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
}

export const readMachine = (now: Date): Machine => ({
  date: now.toISOString().slice(0, 10),
  cpuModel: cpus()[0]?.model.trim() ?? 'unknown CPU',
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  kernel: release(),
  node: process.versions.node,
});

/** Of the last minute. */
export const readLoadAverage = (): number => loadavg()[0] ?? 0;

export interface LoadAverages {
  readonly before: number;
  readonly after: number;
}

export const formatMachine = (machine: Machine, load: LoadAverages): string =>
  `Measured on ${machine.date}: ${machine.cpuModel}, ${machine.cores} cores, ` +
  `${(machine.memoryBytes / 1e9).toFixed(0)} GB, Linux ${machine.kernel}, Node ${machine.node}; ` +
  `load average ${load.before.toFixed(2)} before and ${load.after.toFixed(2)} after.`;

/**
 * /proc/pressure: how long tasks had to wait for CPU, memory and I/O (PSI).
 * https://docs.kernel.org/accounting/psi.html
 */
import { parsePressure, type Pressure } from '@innkeeper/procfs';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { readParsed, collected, valueOf, type Collected } from '../sources/collected.ts';

export interface Pressures {
  readonly cpu: Pressure | undefined;
  readonly memory: Pressure | undefined;
  readonly io: Pressure | undefined;
}

export const makePressureCollector = (kernel: KernelFiles): Collector<Pressures> => {
  const cpu = kernel.proc('pressure/cpu', { whole: true });
  const memory = kernel.proc('pressure/memory', { whole: true });
  const io = kernel.proc('pressure/io', { whole: true });
  return {
    name: 'pressure',
    collect: (): Collected<Pressures> => {
      const outcomes = [cpu, memory, io].map((source) => readParsed(source, parsePressure));
      const [cpuPressure, memoryPressure, ioPressure] = outcomes.map(valueOf);
      const problem = outcomes.find((outcome) => !outcome.ok && !outcome.absent);
      if (problem?.ok === false) return problem;
      const [first] = outcomes;
      // A kernel without PSI has none of the three.
      if (first?.ok === false && memoryPressure === undefined && ioPressure === undefined) {
        return first;
      }
      return collected({ cpu: cpuPressure, memory: memoryPressure, io: ioPressure });
    },
    expose: (pressures, out) => {
      const stalls = [
        ['cpu_waiting', 'Seconds in which a task waited for a CPU.', pressures.cpu?.some],
        ['memory_waiting', 'Seconds in which a task waited for memory.', pressures.memory?.some],
        ['memory_stalled', 'Seconds in which all tasks waited for memory.', pressures.memory?.full],
        ['io_waiting', 'Seconds in which a task waited for I/O.', pressures.io?.some],
        ['io_stalled', 'Seconds in which all tasks waited for I/O.', pressures.io?.full],
      ] as const;
      for (const [name, help, stall] of stalls) {
        out.family(`node_pressure_${name}_seconds_total`, 'counter', help);
        out.sample('', stall?.totalSeconds);
      }
    },
  };
};

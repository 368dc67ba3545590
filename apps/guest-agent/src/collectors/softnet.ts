/** /proc/net/softnet_stat: packets each CPU processed, dropped or had no time for. */
import { parseSoftnetStat, type SoftnetStat } from '@innkeeper/procfs';
import { cacheLabels } from '../exposition/labels.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { readParsed } from '../sources/collected.ts';

const cpuLabel = cacheLabels((cpu: number) => ({ cpu: String(cpu) }));

const FAMILIES = [
  ['processed', 'Packets processed by each CPU.', ({ processed }: SoftnetStat) => processed],
  ['dropped', 'Packets dropped by each CPU.', ({ dropped }: SoftnetStat) => dropped],
  [
    'times_squeezed',
    'Times each CPU ran out of its budget with packets left.',
    ({ timesSqueezed }: SoftnetStat) => timesSqueezed,
  ],
] as const;

export const makeSoftnetCollector = (kernel: KernelFiles): Collector<readonly SoftnetStat[]> => {
  const source = kernel.proc('net/softnet_stat');
  return {
    name: 'softnet',
    collect: () => readParsed(source, parseSoftnetStat),
    expose: (cpus, out) => {
      for (const [name, help, valueFrom] of FAMILIES) {
        out.family(`node_softnet_${name}_total`, 'counter', help);
        for (const cpu of cpus) out.sample(cpuLabel(cpu.cpu), valueFrom(cpu));
      }
    },
  };
};

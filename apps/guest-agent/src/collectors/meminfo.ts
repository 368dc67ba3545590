/** The whole of /proc/meminfo. */
import { parseMeminfo, type Meminfo } from '@innkeeper/procfs';
import { selectNames } from '../exposition/selected-names.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { readParsed } from '../sources/collected.ts';

/** Guests cannot make these names, but a label-less metric name must never hold anything else. */
const METRIC_NAME = /^\w+$/u;
const metricOf = selectNames(METRIC_NAME, (name) => `node_memory_${name}`);

export const makeMeminfoCollector = (kernel: KernelFiles): Collector<Meminfo> => {
  const source = kernel.proc('meminfo', { whole: true });
  return {
    name: 'meminfo',
    collect: () => readParsed(source, parseMeminfo),
    expose: ({ fields, counts }, out) => {
      fields.forEach((value, name) => {
        const metric = metricOf(name);
        if (metric === undefined) return;
        const family = counts.has(name) ? metric : `${metric}_bytes`;
        out.family(family, 'gauge', `${name} of /proc/meminfo.`);
        out.sample('', value);
      });
    },
  };
};

/** /proc/loadavg: processes that run or wait, averaged. */
import { parseLoadavg, type Loadavg } from '@innkeeper/procfs';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { readParsed } from '../sources/collected.ts';

export const makeLoadavgCollector = (kernel: KernelFiles): Collector<Loadavg> => {
  const source = kernel.proc('loadavg', { whole: true });
  return {
    name: 'loadavg',
    collect: () => readParsed(source, parseLoadavg),
    expose: ({ load1, load5, load15 }, out) => {
      out.family('node_load1', 'gauge', 'Load average over 1 minute.');
      out.sample('', load1);
      out.family('node_load5', 'gauge', 'Load average over 5 minutes.');
      out.sample('', load5);
      out.family('node_load15', 'gauge', 'Load average over 15 minutes.');
      out.sample('', load15);
    },
  };
};

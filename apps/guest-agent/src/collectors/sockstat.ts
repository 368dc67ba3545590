/** /proc/net/sockstat and sockstat6: sockets by protocol, and the memory they take. */
import { parseSockstat, type Sockstat } from '@innkeeper/procfs';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { collected, readParsed, type Collected } from '../sources/collected.ts';

const METRIC_NAME = /^\w+$/u;

export const makeSockstatCollector = (
  kernel: KernelFiles,
  pageSizeBytes: number,
): Collector<readonly Sockstat[]> => {
  const four = kernel.proc('net/sockstat');
  const six = kernel.proc('net/sockstat6');
  return {
    name: 'sockstat',
    collect: (): Collected<readonly Sockstat[]> => {
      const first = readParsed(four, parseSockstat);
      const second = readParsed(six, parseSockstat);
      if (!first.ok) return first;
      if (!second.ok) return second.absent ? collected([first.value]) : second;
      return collected([first.value, second.value]);
    },
    expose: (files, out) => {
      for (const { socketsUsed, protocols } of files) {
        out.family('node_sockstat_sockets_used', 'gauge', 'Sockets of all families.');
        out.sample('', socketsUsed);
        for (const { protocol, values } of protocols) {
          for (const [key, value] of values) {
            const name = `node_sockstat_${protocol}_${key}`;
            if (!METRIC_NAME.test(name)) continue;
            out.family(name, 'gauge', `${key} of ${protocol} sockets in /proc/net/sockstat.`);
            out.sample('', value);
            // The kernel counts this one in pages.
            if (key !== 'mem') continue;
            out.family(`${name}_bytes`, 'gauge', `Memory that ${protocol} sockets take.`);
            out.sample('', value * pageSizeBytes);
          }
        }
      }
    },
  };
};

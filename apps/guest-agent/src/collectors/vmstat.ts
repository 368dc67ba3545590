/** The part of /proc/vmstat that dashboards use: paging, faults and out-of-memory kills. */
import { parseVmstat } from '@innkeeper/procfs';
import { selectNames } from '../exposition/selected-names.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { readParsed } from '../sources/collected.ts';

const EXPOSED = /^(?:oom_kill|pgpg|pswp|pg\w*fault)/u;
const metricOf = selectNames(EXPOSED, (name) => `node_vmstat_${name}`);
const isExposed = (name: string): boolean => metricOf(name) !== undefined;

export const makeVmstatCollector = (
  kernel: KernelFiles,
): Collector<ReadonlyMap<string, number>> => {
  const source = kernel.proc('vmstat');
  return {
    name: 'vmstat',
    collect: () => readParsed(source, (text) => parseVmstat(text, isExposed)),
    expose: (fields, out) => {
      fields.forEach((value, name) => {
        out.family(metricOf(name) ?? name, 'untyped', `${name} of /proc/vmstat.`);
        out.sample('', value);
      });
    },
  };
};

/** /proc/net/arp: neighbours by device. */
import { parseArp } from '@innkeeper/procfs';
import { cacheLabels } from '../exposition/labels.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { collected, readParsed, type Collected } from '../sources/collected.ts';

type EntriesByDevice = ReadonlyMap<string, number>;

const deviceLabel = cacheLabels((device: string) => ({ device }));

export const makeArpCollector = (kernel: KernelFiles): Collector<EntriesByDevice> => {
  const source = kernel.proc('net/arp', { long: true });
  return {
    name: 'arp',
    collect: (): Collected<EntriesByDevice> => {
      const entries = readParsed(source, parseArp);
      if (!entries.ok) return entries;
      const counts = new Map<string, number>();
      for (const { device } of entries.value) counts.set(device, (counts.get(device) ?? 0) + 1);
      return collected(counts);
    },
    expose: (counts, out) => {
      out.family('node_arp_entries', 'gauge', 'Entries of the ARP table by device.');
      for (const [device, count] of counts) out.sample(deviceLabel(device), count);
    },
  };
};

/** Tracked connections: a full table drops every new one, and nothing else says why. */
import { parseConntrackStat, parseSingleNumber } from '@innkeeper/procfs';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { collected, readParsed, valueOf, type Collected } from '../sources/collected.ts';

interface Conntrack {
  readonly entries: number;
  readonly limit: number;
  readonly stat: ReadonlyMap<string, number> | undefined;
}

const STATS = [
  ['drop', 'Packets dropped because tracking them failed.'],
  ['early_drop', 'Entries dropped to make room for new ones.'],
  ['found', 'Lookups that found an entry.'],
  ['ignore', 'Packets of connections that were tracked already.'],
  ['insert', 'Entries inserted.'],
  ['insert_failed', 'Entries that could not be inserted.'],
  ['invalid', 'Packets that could not be tracked.'],
  ['search_restart', 'Lookups restarted because the table was resized.'],
] as const;

export const makeConntrackCollector = (kernel: KernelFiles): Collector<Conntrack> => {
  const count = kernel.proc('sys/net/netfilter/nf_conntrack_count', { whole: true });
  const max = kernel.proc('sys/net/netfilter/nf_conntrack_max', { whole: true });
  const perCpu = kernel.proc('net/stat/nf_conntrack', { long: true });
  return {
    name: 'conntrack',
    collect: (): Collected<Conntrack> => {
      const entries = readParsed(count, (text) => parseSingleNumber(text, 'nf_conntrack_count'));
      const limit = readParsed(max, (text) => parseSingleNumber(text, 'nf_conntrack_max'));
      if (!entries.ok) return entries;
      if (!limit.ok) return limit;
      const sums = valueOf(readParsed(perCpu, parseConntrackStat));
      return collected({ entries: entries.value, limit: limit.value, stat: sums });
    },
    expose: ({ entries, limit, stat }, out) => {
      out.family('node_nf_conntrack_entries', 'gauge', 'Connections tracked now.');
      out.sample('', entries);
      out.family('node_nf_conntrack_entries_limit', 'gauge', 'Connections that can be tracked.');
      out.sample('', limit);
      for (const [name, help] of STATS) {
        out.family(`node_nf_conntrack_stat_${name}`, 'gauge', help);
        out.sample('', stat?.get(name));
      }
    },
  };
};

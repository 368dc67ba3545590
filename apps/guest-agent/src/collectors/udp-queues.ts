/** Bytes that wait in the queues of UDP sockets. */
import { parseUdpQueues, type UdpQueues } from '@innkeeper/procfs';
import { formatLabels } from '../exposition/labels.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { collected, readParsed, type Collected } from '../sources/collected.ts';

interface Queues {
  readonly v4: UdpQueues;
  readonly v6: UdpQueues | undefined;
}

const label = (ip: string, queue: string): string => formatLabels({ ip, queue });

const LABELS = {
  v4: { tx: label('v4', 'tx'), rx: label('v4', 'rx') },
  v6: { tx: label('v6', 'tx'), rx: label('v6', 'rx') },
} as const;

export const makeUdpQueuesCollector = (kernel: KernelFiles): Collector<Queues> => {
  const four = kernel.proc('net/udp', { long: true });
  const six = kernel.proc('net/udp6', { long: true });
  return {
    name: 'udp_queues',
    collect: (): Collected<Queues> => {
      const v4 = readParsed(four, parseUdpQueues);
      const v6 = readParsed(six, parseUdpQueues);
      if (!v4.ok) return v4;
      if (!v6.ok && !v6.absent) return v6;
      return collected({ v4: v4.value, v6: v6.ok ? v6.value : undefined });
    },
    expose: (queues, out) => {
      out.family('node_udp_queues', 'gauge', 'Bytes waiting in the queues of UDP sockets.');
      for (const ip of ['v4', 'v6'] as const) {
        out.sample(LABELS[ip].tx, queues[ip]?.txQueueBytes);
        out.sample(LABELS[ip].rx, queues[ip]?.rxQueueBytes);
      }
    },
  };
};

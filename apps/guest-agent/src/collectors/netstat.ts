/** The part of the network stack's counters that dashboards use: TCP, UDP, ICMP and IP. */
import { parseNetSnmp, parseNetSnmp6 } from '@innkeeper/procfs';
import type { Parsed } from '@innkeeper/procfs';
import { selectNames } from '../exposition/selected-names.ts';
import type { KernelFiles } from '../sources/kernel-files.ts';
import type { Collector } from './collector.ts';
import { collected, readParsed, type Collected } from '../sources/collected.ts';

/** node_exporter's default selection: the same names, or its dashboards would have holes. */
const EXPOSED = new RegExp(
  '^(?:' +
    [
      String.raw`\w+_(?:InErrors|InErrs)`,
      'Ip_Forwarding',
      'Ip(?:6|Ext)_(?:InOctets|OutOctets)',
      'Icmp6?_(?:InMsgs|OutMsgs)',
      String.raw`TcpExt_(?:Listen\w*|Syncookies\w*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)`,
      'Tcp_(?:ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)',
      'Udp6?_(?:InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors)',
    ].join('|') +
    ')$',
  'u',
);

const metricOf = selectNames(EXPOSED, (name) => `node_netstat_${name}`);

type Counters = ReadonlyMap<string, number>;

const isExposed = (name: string): boolean => metricOf(name) !== undefined;
const parseFour = (text: string): Parsed<Counters> => parseNetSnmp(text, isExposed);
const parseSix = (text: string): Parsed<Counters> => parseNetSnmp6(text, isExposed);

export const makeNetstatCollector = (kernel: KernelFiles): Collector<readonly Counters[]> => {
  const netstat = kernel.proc('net/netstat');
  const snmp = kernel.proc('net/snmp');
  const snmp6 = kernel.proc('net/snmp6');
  return {
    name: 'netstat',
    collect: (): Collected<readonly Counters[]> => {
      const outcomes = [
        readParsed(netstat, parseFour),
        readParsed(snmp, parseFour),
        readParsed(snmp6, parseSix),
      ];
      // A kernel without IPv6 has no snmp6; without the other two there is nothing to tell.
      const problem = outcomes.find((outcome) => !outcome.ok && !outcome.absent) ?? outcomes[1];
      if (problem?.ok === false) return problem;
      return collected(outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : [])));
    },
    expose: (files, out) => {
      for (const file of files) {
        file.forEach((value, name) => {
          out.family(metricOf(name) ?? name, 'untyped', `${name} of /proc/net.`);
          out.sample('', value);
        });
      }
    },
  };
};

import { describe, expect, it } from 'vitest';
import { parseNetSnmp6 } from './net-snmp6.ts';
import { NET_SNMP6 } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseNetSnmp6', () => {
  it('cuts the protocol after the 6', () => {
    expect([...valueOf(parseNetSnmp6(NET_SNMP6))]).toEqual([
      ['Ip6_InReceives', 123],
      ['Ip6_OutNoRoutes', 4],
      ['Icmp6_OutType135', 5],
      ['Udp6_InDatagrams', 6],
      ['UdpLite6_InErrors', 0],
    ]);
  });

  it('ignores a name without protocol', () => {
    expect(valueOf(parseNetSnmp6('Novelty  \t7\n')).size).toBe(0);
  });

  it.each(['Ip6InReceives\n', 'Ip6InReceives  \tx\n', 'Ip6InReceives  \t-1\n'])(
    'is malformed: %s',
    (text) => {
      expect(errorOf(parseNetSnmp6(text)).problem).toBe('malformed');
    },
  );
});

import { describe, expect, it } from 'vitest';
import { parseNetSnmp } from './net-snmp.ts';
import { NET_SNMP } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseNetSnmp', () => {
  it('joins protocol and name, and keeps a negative limit', () => {
    const counters = valueOf(parseNetSnmp(NET_SNMP));
    expect(counters.get('Tcp_CurrEstab')).toBe(3);
    expect(counters.get('Tcp_MaxConn')).toBe(-1);
    expect(counters.get('Ip_Forwarding')).toBe(2);
    expect(counters.size).toBe(12);
  });

  it('reads netstat as well', () => {
    const text = 'TcpExt: SyncookiesSent TCPTimeouts\nTcpExt: 0 3\nIpExt: InOctets\nIpExt: 5\n';
    expect([...valueOf(parseNetSnmp(text))]).toEqual([
      ['TcpExt_SyncookiesSent', 0],
      ['TcpExt_TCPTimeouts', 3],
      ['IpExt_InOctets', 5],
    ]);
  });

  it.each([
    ['a value is missing', 'Tcp: A B\nTcp: 1\n'],
    ['a name is missing', 'Tcp: A\nTcp: 1 2\n'],
    ['the pair does not belong together', 'Tcp: A\nUdp: 1\n'],
    ['the values are missing', 'Tcp: A\nTcp: 1\nUdp: A\n'],
    ['a value is no number', 'Tcp: A\nTcp: x\n'],
    ['there is no protocol', 'A\n1\n'],
  ])('is malformed when %s', (_, text) => {
    expect(errorOf(parseNetSnmp(text)).problem).toBe('malformed');
  });
});

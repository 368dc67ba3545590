import { describe, expect, it } from 'vitest';
import { UDP } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';
import { parseUdpQueues } from './udp.ts';

describe('parseUdpQueues', () => {
  it('sums the queues of all sockets', () => {
    expect(valueOf(parseUdpQueues(UDP))).toEqual({ txQueueBytes: 17, rxQueueBytes: 2815 });
  });

  it('reads udp6, whose addresses are longer', () => {
    const zero = '0'.repeat(32);
    const text = `  sl  local_address remote_address st tx_queue rx_queue\n 1: ${zero}:0044 ${zero}:0000 07 00000002:00000003 00:00000000\n`;
    expect(valueOf(parseUdpQueues(text))).toEqual({ txQueueBytes: 2, rxQueueBytes: 3 });
  });

  it('is zero without sockets', () => {
    const heading = UDP.slice(0, UDP.indexOf('\n') + 1);
    expect(valueOf(parseUdpQueues(heading))).toEqual({ txQueueBytes: 0, rxQueueBytes: 0 });
  });

  it.each([' 1: a:1 b:2 07\n', ' 1: a:1 b:2 07 00000002 0:0\n', ' 1: a:1 b:2 07 x:00000000\n'])(
    'is malformed: %s',
    (text) => {
      expect(errorOf(parseUdpQueues(text)).problem).toBe('malformed');
    },
  );
});

import { describe, expect, it } from 'vitest';
import { parseArp } from './arp.ts';
import { ARP } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseArp', () => {
  it('reads the neighbours, also those that have not answered', () => {
    expect(valueOf(parseArp(ARP))).toEqual([
      { address: '192.0.2.1', hardwareAddress: '02:fc:00:00:00:05', device: 'eth0' },
      { address: '192.0.2.77', hardwareAddress: '00:00:00:00:00:00', device: 'eth0' },
    ]);
  });

  it('lists nothing when there is only the heading', () => {
    expect(valueOf(parseArp(ARP.slice(0, ARP.indexOf('\n'))))).toEqual([]);
  });

  it('is malformed when a column is missing', () => {
    expect(errorOf(parseArp('192.0.2.1 0x1 0x2 02:fc:00:00:00:05 *\n')).problem).toBe('malformed');
  });
});

import { describe, expect, it } from 'vitest';
import { parseNetDev } from './net-dev.ts';
import { NET_DEV } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

const SIXTEEN = '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16';

describe('parseNetDev', () => {
  it('reads all counters', () => {
    expect(valueOf(parseNetDev(NET_DEV))[1]).toEqual({
      device: 'eth0',
      receive: {
        bytes: 223819634,
        packets: 6746,
        errs: 1,
        drop: 2,
        fifo: 3,
        frame: 4,
        compressed: 5,
        multicast: 6,
      },
      transmit: {
        bytes: 432755,
        packets: 3982,
        errs: 7,
        drop: 8,
        fifo: 9,
        colls: 10,
        carrier: 11,
        compressed: 12,
      },
    });
  });

  it.each([
    ['  eth0:', 'eth0'],
    ['eth0:1:', 'eth0:1'],
    ['eth0: ', 'eth0'],
    ['enx00e04c680001: ', 'enx00e04c680001'],
    ['veth1a2b.3@if4: ', 'veth1a2b.3@if4'],
  ])('reads the name of "%s1"', (start, name) => {
    const [device] = valueOf(parseNetDev(`${start}${SIXTEEN}\n`));
    expect(device).toMatchObject({ device: name, receive: { bytes: 1 } });
  });

  it('lists no interface when there are only headings', () => {
    expect(valueOf(parseNetDev('Inter-| Receive\n face |bytes\n'))).toEqual([]);
  });

  it('lists an interface once when it came up twice', () => {
    expect(valueOf(parseNetDev(`lo: ${SIXTEEN}\nlo: ${SIXTEEN}\n`))).toHaveLength(1);
  });

  it.each([
    ['a counter is missing', 'lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n'],
    ['a counter is negative', `lo: -${SIXTEEN}\n`],
    ['there is no name', `: ${SIXTEEN}\n`],
    ['there is no colon', 'lo\n'],
  ])('is malformed when %s', (_, text) => {
    expect(errorOf(parseNetDev(text)).problem).toBe('malformed');
  });
});

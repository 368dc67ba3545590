import { describe, expect, it } from 'vitest';
import { parseDiskstats } from './diskstats.ts';
import { DISKSTATS } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseDiskstats', () => {
  it('reads all counters of a current kernel', () => {
    expect(valueOf(parseDiskstats(DISKSTATS))[1]).toEqual({
      device: 'vda',
      major: 254,
      minor: 0,
      readsCompleted: 8391,
      readsMerged: 1187,
      sectorsRead: 660906,
      readTimeMs: 2953,
      writesCompleted: 37422,
      writesMerged: 29321,
      sectorsWritten: 1338746,
      writeTimeMs: 21212,
      ioInProgress: 0,
      ioTimeMs: 19836,
      weightedIoTimeMs: 28054,
      discards: { completed: 12, merged: 0, sectors: 96, timeMs: 7 },
      flushes: { completed: 5210, timeMs: 3881 },
    });
  });

  it('leaves out discards and flushes that the kernel does not count', () => {
    const before418 = '   8    0 sda 1 2 3 4 5 6 7 8 9 10 11\n';
    const [disk] = valueOf(parseDiskstats(before418));
    expect(disk).toMatchObject({ device: 'sda', weightedIoTimeMs: 11 });
    expect(Object.keys(disk ?? {})).toHaveLength(14);
    const before55 = '   8    0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n';
    expect(valueOf(parseDiskstats(before55))[0]).not.toHaveProperty('flushes');
  });

  it('skips the short partition lines of early 2.6 kernels', () => {
    const text = '   8    0 sda 1 2 3 4 5 6 7 8 9 10 11\n   8    1 sda1 1 2 3 4\n';
    expect(valueOf(parseDiskstats(text)).map((disk) => disk.device)).toEqual(['sda']);
  });

  it('lists a device once when it came up twice', () => {
    const text = '8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n8 0 sda 2 2 3 4 5 6 7 8 9 10 11\n';
    expect(valueOf(parseDiskstats(text)).map((disk) => disk.readsCompleted)).toEqual([2]);
  });

  it('takes an empty file for a machine without disks', () => {
    expect(valueOf(parseDiskstats(''))).toEqual([]);
  });

  it.each([
    ['a counter is missing', '8 0 sda 1 2 3 4 5 6 7 8 9 10\n'],
    ['a counter is no number', '8 0 sda 1 2 3 4 5 6 7 8 9 10 x\n'],
    ['the discards are incomplete', '8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13\n'],
    ['the flushes are incomplete', '8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n'],
  ])('is malformed when %s', (_, text) => {
    expect(errorOf(parseDiskstats(text)).problem).toBe('malformed');
  });
});

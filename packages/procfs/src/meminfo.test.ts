import { describe, expect, it } from 'vitest';
import { parseMeminfo } from './meminfo.ts';
import { MEMINFO } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseMeminfo', () => {
  it('keeps all lines in the order of the file', () => {
    const { fields } = valueOf(parseMeminfo(MEMINFO));
    expect([...fields.keys()].slice(0, 4)).toEqual([
      'MemTotal',
      'MemFree',
      'MemAvailable',
      'Buffers',
    ]);
    expect(fields.size).toBe(13);
  });

  it('converts kB to bytes and leaves counts alone', () => {
    const text = 'MemTotal: 8 kB\nMemFree: 4 kB\nHugePages_Total:       3\nHugepagesize: 2048 kB\n';
    const meminfo = valueOf(parseMeminfo(text));
    expect(meminfo).toMatchObject({ memTotalBytes: 8192, memFreeBytes: 4096 });
    expect(meminfo.fields.get('HugePages_Total')).toBe(3);
    expect(meminfo.fields.get('Hugepagesize')).toBe(2097152);
    expect([...meminfo.counts]).toEqual(['HugePages_Total']);
  });

  it('names fields like node_exporter', () => {
    const text = 'MemTotal: 8 kB\nMemFree: 4 kB\nActive(anon): 2 kB\n';
    expect(valueOf(parseMeminfo(text)).fields.get('Active_anon')).toBe(2048);
  });

  it('leaves out a unit that it does not know', () => {
    const text = 'MemTotal: 8 kB\nMemFree: 4 kB\nNovelty: 2 MB\n';
    expect(valueOf(parseMeminfo(text)).fields.has('Novelty')).toBe(false);
  });

  it.each([
    ['MemTotal is missing', 'MemFree: 4 kB\n'],
    ['MemFree is missing', 'MemTotal: 8 kB\n'],
    ['MemTotal has no unit', 'MemTotal: 8\nMemFree: 4 kB\n'],
    ['a value is no number', 'MemTotal: 8 kB\nMemFree: 4 kB\nSlab: x kB\n'],
    ['a value is missing', 'MemTotal: 8 kB\nMemFree: 4 kB\nSlab:\n'],
    ['a value is negative', 'MemTotal: 8 kB\nMemFree: -4 kB\n'],
  ])('is malformed when %s', (_, text) => {
    expect(errorOf(parseMeminfo(text))).toMatchObject({ source: 'meminfo', problem: 'malformed' });
  });
});

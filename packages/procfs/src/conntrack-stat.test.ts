import { describe, expect, it } from 'vitest';
import { parseConntrackStat } from './conntrack-stat.ts';
import { CONNTRACK_STAT } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseConntrackStat', () => {
  it('sums the counters over the CPUs', () => {
    const sums = valueOf(parseConntrackStat(CONNTRACK_STAT));
    expect(sums.get('found')).toBe(7);
    expect(sums.get('invalid')).toBe(15);
    expect(sums.get('search_restart')).toBe(3);
    expect(sums.size).toBe(17);
  });

  it('does not sum the size of the table, which every line repeats', () => {
    expect(valueOf(parseConntrackStat(CONNTRACK_STAT)).get('entries')).toBe(31);
  });

  it('follows the names of the heading, which changed between kernels', () => {
    const text = 'entries searched found\n00000001 0000000a 00000002\n';
    expect([...valueOf(parseConntrackStat(text))]).toEqual([
      ['entries', 1],
      ['searched', 10],
      ['found', 2],
    ]);
  });

  it.each(['a b\n00000001\n', 'a b\n00000001 x\n'])('is malformed: %s', (text) => {
    expect(errorOf(parseConntrackStat(text)).problem).toBe('malformed');
  });
});

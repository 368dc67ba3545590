import { describe, expect, it } from 'vitest';
import { parseSoftnetStat } from './softnet-stat.ts';
import { SOFTNET_STAT } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseSoftnetStat', () => {
  it('takes the number of the CPU from its column', () => {
    expect(valueOf(parseSoftnetStat(SOFTNET_STAT))).toEqual([
      { cpu: 0, processed: 17, dropped: 0, timesSqueezed: 0 },
      { cpu: 3, processed: 6791, dropped: 2, timesSqueezed: 11 },
    ]);
  });

  it('counts the lines on kernels before 5.10', () => {
    const line = '0000000a 00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000';
    expect(valueOf(parseSoftnetStat(`${line}\n${line}\n`)).map(({ cpu }) => cpu)).toEqual([0, 1]);
  });

  it.each(['00000001 00000002\n', '00000001 0000000g 00000000\n'])('is malformed: %s', (text) => {
    expect(errorOf(parseSoftnetStat(text)).problem).toBe('malformed');
  });
});

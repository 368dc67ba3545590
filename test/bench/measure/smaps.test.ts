import { describe, expect, test } from 'vitest';
import { addMemory, parseSmapsRollup } from './smaps.ts';

const rollup = `562e639c9000-7ffd61060000 ---p 00000000 00:00 0                          [rollup]
Rss:                1752 kB
Pss:                 435 kB
Pss_Dirty:           112 kB
Pss_Anon:            100 kB
Shared_Clean:       1600 kB
Shared_Dirty:          0 kB
Private_Clean:        40 kB
Private_Dirty:       112 kB
Referenced:         1752 kB
Anonymous:           111 kB
AnonHugePages:         0 kB
SwapPss:               7 kB
`;

const use = {
  residentBytes: 1752 * 1024,
  privateBytes: 152 * 1024,
  proportionalBytes: 435 * 1024,
  anonymousBytes: 111 * 1024,
};

describe('smaps_rollup', () => {
  test('is read by whole names', () => {
    expect(parseSmapsRollup(rollup)).toStrictEqual(use);
  });

  test('without a line that counts is an error, not a zero', () => {
    expect(() => parseSmapsRollup(rollup.replace(/^Pss:.*\n/mu, ''))).toThrow('no line Pss');
  });

  test('of several processes is added up', () => {
    expect(addMemory([use, use]).residentBytes).toBe(2 * 1752 * 1024);
  });
});

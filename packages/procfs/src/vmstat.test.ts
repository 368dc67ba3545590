import { describe, expect, it } from 'vitest';
import { VMSTAT } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';
import { parseVmstat } from './vmstat.ts';

describe('parseVmstat', () => {
  it('keeps all lines in order', () => {
    expect([...valueOf(parseVmstat(VMSTAT))]).toEqual([
      ['nr_free_pages', 914805],
      ['nr_zone_inactive_anon', 26717],
      ['pgpgin', 340717],
      ['pswpin', 0],
      ['oom_kill', 0],
    ]);
  });

  it('accepts a counter that wrapped below zero, as the kernel prints it', () => {
    const text = 'nr_dirtied 18446744073709551615\n';
    expect(valueOf(parseVmstat(text)).get('nr_dirtied')).toBe(2 ** 64);
  });

  it.each(['pgpgin\n', 'pgpgin \n', ' 5\n', 'pgpgin 1 2\n', 'pgpgin 0x5\n'])(
    'is malformed: %s',
    (text) => {
      expect(errorOf(parseVmstat(text)).problem).toBe('malformed');
    },
  );
});

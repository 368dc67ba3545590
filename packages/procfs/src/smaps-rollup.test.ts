import { describe, expect, it } from 'vitest';
import { parseSmapsRollup } from './smaps-rollup.ts';
import { SMAPS_ROLLUP } from './testing/samples.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseSmapsRollup', () => {
  it('reads the proportional set size', () => {
    expect(valueOf(parseSmapsRollup(SMAPS_ROLLUP))).toEqual({ pssBytes: 268_435_456 });
  });

  it.each(['Rss: 1 kB\n', 'Pss: 1\n', 'Pss: x kB\n', 'Pss_Anon: 1 kB\n', 'Pss: kB\n'])(
    'is malformed: %j',
    (text) => {
      expect(errorOf(parseSmapsRollup(text)).problem).toBe('malformed');
    },
  );
});

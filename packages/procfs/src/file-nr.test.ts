import { describe, expect, it } from 'vitest';
import { parseFileNr } from './file-nr.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseFileNr', () => {
  it('reads the allocated handles and the maximum', () => {
    expect(valueOf(parseFileNr('388\t0\t2466177\n'))).toEqual({ allocated: 388, maximum: 2466177 });
  });

  it('accepts the "no limit" of current distributions', () => {
    expect(valueOf(parseFileNr('1\t0\t9223372036854775807\n')).maximum).toBe(2 ** 63);
  });

  it.each(['388\n', '388\t0\n', '388 0 5\n', 'x\t0\t5\n'])('is malformed: %s', (text) => {
    expect(errorOf(parseFileNr(text)).problem).toBe('malformed');
  });
});

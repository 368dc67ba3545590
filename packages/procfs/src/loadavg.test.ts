import { describe, expect, it } from 'vitest';
import { parseLoadavg } from './loadavg.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseLoadavg', () => {
  it('reads the averages and the tasks', () => {
    expect(valueOf(parseLoadavg('0.20 1.18 12.05 3/223 4567\n'))).toEqual({
      load1: 0.2,
      load5: 1.18,
      load15: 12.05,
      running: 3,
      total: 223,
    });
  });

  it('does without the tasks', () => {
    expect(valueOf(parseLoadavg('0.00 0.01 0.05'))).toEqual({
      load1: 0,
      load5: 0.01,
      load15: 0.05,
    });
  });

  it.each(['0.00 0.01', '0.00 0.01 x 1/2 3', '-1.00 0.01 0.05 1/2 3', '0.00 0.01 0.05 12 3'])(
    'is malformed: %s',
    (text) => {
      expect(errorOf(parseLoadavg(text)).problem).toBe('malformed');
    },
  );
});

import { describe, expect, it } from 'vitest';
import { parseSingleInteger, parseSingleNumber } from './single-number.ts';
import { errorOf, valueOf } from './testing/unwrap.ts';

describe('parseSingleNumber', () => {
  it('reads one count', () => {
    expect(valueOf(parseSingleNumber('256\n', 'entropy_avail'))).toBe(256);
  });

  it.each(['-1\n', '1 2\n', '1\n2\n', '1.5\n', '0x1\n', 'x\n'])('is malformed: %s', (text) => {
    expect(errorOf(parseSingleNumber(text, 'pid_max'))).toMatchObject({
      source: 'pid_max',
      problem: 'malformed',
    });
  });
});

describe('parseSingleInteger', () => {
  it.each([
    ['10000\n', 10000],
    ['-1\n', -1],
  ])('reads %s', (text, value) => {
    expect(valueOf(parseSingleInteger(text, 'speed'))).toBe(value);
  });

  it('is malformed without a number', () => {
    expect(errorOf(parseSingleInteger('-\n', 'speed')).problem).toBe('malformed');
  });
});

import { describe, expect, it } from 'vitest';
import { lineValue, splitFields } from './fields.ts';

describe('splitFields', () => {
  it.each([
    ['', []],
    ['   ', []],
    ['  a b   c ', ['a', 'b', 'c']],
    ['a\tb', ['a\tb']],
  ])('splits "%s" at spaces', (line, fields) => {
    expect(splitFields(line)).toEqual(fields);
  });
});

describe('lineValue', () => {
  it('finds the first, a middle and the last line', () => {
    const text = 'a: 1\nb:\t2 \nc: 3';
    expect(['a:', 'b:', 'c:'].map((label) => lineValue(text, label))).toEqual(['1', '2', '3']);
  });

  it('does not find a label inside a line', () => {
    expect(lineValue('cancelled_write_bytes: 1\n', 'write_bytes:')).toBeUndefined();
  });
});

import { describe, expect, test } from 'vitest';
import { formatNumber, formatSpread, formatTable } from './markdown.ts';

describe('markdown', () => {
  test.each([
    [0, '0'],
    [0.0001, '<0.001'],
    [0.0123, '0.012'],
    [0.5, '0.50'],
    [1.234, '1.23'],
    [12.34, '12.3'],
    [99.96, '100.0'],
    [1234.5, '1235'],
  ])('%d is written as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  test('a spread shows its extremes where they differ', () => {
    expect(formatSpread({ median: 48.21, min: 47.9, max: 48.83 })).toBe('48.2 (47.9–48.8)');
    expect(formatSpread({ median: 48.21, min: 48.21, max: 48.21 })).toBe('48.2');
  });

  test('a table has a line per row and no cell that breaks out', () => {
    expect(formatTable(['agent', 'ms'], [['a|b', '1']])).toBe(
      ['| agent | ms |', '| --- | ---: |', String.raw`| a\|b | 1 |`].join('\n'),
    );
  });
});

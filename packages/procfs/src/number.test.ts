import { describe, expect, it } from 'vitest';
import { parseCount, parseDecimal, parseHex, parseInteger } from './number.ts';

const TRAPS = ['', ' ', ' 5', '5 ', '+5', '0x10', '1e5', '1_000', 'NaN', 'Infinity', '٣', '5\0'];

describe('parseCount', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['007', 7],
    ['9007199254740991', 9007199254740991],
    ['18446744073709551615', 2 ** 64],
  ])('reads %s', (text, value) => {
    expect(parseCount(text)).toBe(value);
  });

  it.each([...TRAPS, '-0', '-1', '1.0', '1e21', '1e+21', '99999999999999999999', '9'.repeat(400)])(
    'refuses "%s"',
    (text) => {
      expect(parseCount(text)).toBeUndefined();
    },
  );
});

describe('parseInteger', () => {
  it.each([
    ['5', 5],
    ['-1', -1],
    ['-0', 0],
  ])('reads %s', (text, value) => {
    expect(parseInteger(text)).toBe(value);
  });

  it.each([...TRAPS, '-', '--1', '- 1', '-1.5'])('refuses "%s"', (text) => {
    expect(parseInteger(text)).toBeUndefined();
  });
});

describe('parseDecimal', () => {
  it.each([
    ['0.00', 0],
    ['454.90', 454.9],
    ['12', 12],
  ])('reads %s', (text, value) => {
    expect(parseDecimal(text)).toBe(value);
  });

  it.each([...TRAPS, '.', '.5', '5.', '1.2.3', '-0.5', '1.5e3', `${'9'.repeat(400)}.0`])(
    'refuses "%s"',
    (text) => {
      expect(parseDecimal(text)).toBeUndefined();
    },
  );
});

describe('parseHex', () => {
  it.each([
    ['00000000', 0],
    ['00001a87', 6791],
    ['FF', 255],
    ['ffffffffffffffff', 2 ** 64],
  ])('reads %s', (text, value) => {
    expect(parseHex(text)).toBe(value);
  });

  it.each(['', '0x10', 'fg', '-1', ' 1', '1.0', '1'.repeat(17)])('refuses "%s"', (text) => {
    expect(parseHex(text)).toBeUndefined();
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64Url } from './base64url.ts';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

describe('decodeBase64', () => {
  it.each([
    ['', bytes()],
    ['Zg', bytes(102)],
    ['Zg==', bytes(102)],
    ['Zm8', bytes(102, 111)],
    ['Zm8=', bytes(102, 111)],
    ['Zm9v', bytes(102, 111, 111)],
    ['-_-_', bytes(251, 255, 191)],
    ['+/+/', bytes(251, 255, 191)],
    ['-/+_', bytes(251, 255, 191)],
  ])('reads %j, with or without padding, in either alphabet', (text, expected) => {
    expect(decodeBase64(text)).toEqual(expected);
  });

  it.each([
    ['one digit alone', 'Z'],
    ['one digit too many', 'Zm9vZ'],
    ['bits that are left over after one byte', 'Zh'],
    ['bits that are left over after two bytes', 'Zm9'],
    ['the largest left-over', 'Zv=='],
    ['padding in the middle', 'Zg==Zg=='],
    ['three signs of padding', 'Z==='],
    ['nothing but padding', '='],
    ['padding where none is needed', 'Zm9v='],
    ['more padding than is needed', 'Zm8=='],
    ['less padding than is needed', 'Zg='],
    ['a space', 'Zm 9v'],
    ['a line end', 'Zm9v\n'],
    ['a letter above ASCII', 'Zm9\u00fc'],
    ['a character whose low byte is a digit', 'Zm9\u0141'],
    ['another sign', 'Zm9!'],
    ['a dot', 'Zm.v'],
  ])('refuses %s', (_, text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });

  it('reads back what Node writes in both alphabets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (data) => {
        const node = Buffer.from(data);
        expect(decodeBase64(node.toString('base64'))).toEqual(data);
        expect(decodeBase64(node.toString('base64url'))).toEqual(data);
      }),
    );
  });

  it('gives each text of the URL alphabet at most one meaning', () => {
    const digit = fc.constantFrom(...'ABCDwxyz0189-_'.split(''));
    fc.assert(
      fc.property(fc.string({ unit: digit, maxLength: 11 }), (text) => {
        const data = decodeBase64(text);
        if (data !== undefined) expect(encodeBase64Url(data)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});

describe('encodeBase64Url', () => {
  it('writes what Node writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (data) => {
        expect(encodeBase64Url(data)).toBe(Buffer.from(data).toString('base64url'));
      }),
    );
  });
});

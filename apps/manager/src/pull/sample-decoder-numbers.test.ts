import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readNumbers } from './sample-decoder-numbers.ts';

const PREFIX = '["id"';

const read = (text: string, count: number): number[] | undefined => {
  const values = new Float64Array(count);
  const isRead = readNumbers(Buffer.from(text), Buffer.from(PREFIX), values);
  return isRead ? Array.from(values) : undefined;
};

test('whatever JSON writes of numbers is read as JSON.parse does, or left to it', () => {
  const number = fc.oneof(
    fc.nat(),
    fc.nat(Number.MAX_SAFE_INTEGER),
    fc.nat().map((value) => value / 1000),
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    fc.double({ min: 0, max: 1e6, noNaN: true }),
  );
  let seen = 0;
  fc.assert(
    fc.property(fc.array(number, { maxLength: 9 }), (numbers) => {
      const text = JSON.stringify(['id', ...numbers]);
      const values = read(text, numbers.length);
      if (values !== undefined) seen += 1;
      else expect(text).toMatch(/e[+-]/u);
      expect(values ?? numbers).toEqual(numbers.map((value) => value + 0));
    }),
    { numRuns: 2_000 },
  );
  expect(seen).toBeGreaterThan(100);
});

test('numbers of many digits are those that JSON.parse makes of them', () => {
  const digits = fc.stringMatching(/^[1-9]\d{0,30}(?:\.\d{1,30})?$/u);
  fc.assert(
    fc.property(digits, (text) => {
      expect(read(`${PREFIX},${text}]`, 1)).toEqual([JSON.parse(text)]);
    }),
    { numRuns: 2_000 },
  );
});

describe('what is left to JSON.parse', () => {
  it.each([
    '',
    PREFIX,
    `${PREFIX}]`,
    '["ix",1]',
    `${PREFIX},1`,
    `${PREFIX},1,2]`,
    `${PREFIX},1] `,
    `${PREFIX},1]]`,
    `${PREFIX}, 1]`,
    `${PREFIX},]`,
    `${PREFIX},,1]`,
    `${PREFIX},-1]`,
    `${PREFIX},+1]`,
    `${PREFIX},01]`,
    `${PREFIX},00]`,
    `${PREFIX},.5]`,
    `${PREFIX},1.]`,
    `${PREFIX},.]`,
    `${PREFIX},1.2.3]`,
    `${PREFIX},1e3]`,
    `${PREFIX},"1"]`,
    `${PREFIX},null]`,
    `${PREFIX},[1]]`,
    `${PREFIX},${'9'.repeat(400)}]`,
  ])('is %j', (text) => {
    expect(read(text, 1)).toBeUndefined();
  });
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSelection, parseSelection } from './selection.ts';

test('a selection survives the address', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 500 })), (keys) => {
      const text = formatSelection(keys);
      const sorted = keys.toSorted((one, other) => one - other);
      expect([...parseSelection(text)]).toStrictEqual(sorted);
    }),
  );
});

test.each([
  [[], null],
  [[3], '3'],
  [[12, 3, 4, 5], '3-5.12'],
])('%j is written as %s', (keys, text) => {
  expect(formatSelection(keys)).toBe(text);
});

test('what no page has written selects nothing, and not without end', () => {
  expect([...parseSelection('1.x.-3.7.0.9-8.-')]).toStrictEqual([1, 7]);
  expect(parseSelection('1-999999999').size).toBe(20_000);
});

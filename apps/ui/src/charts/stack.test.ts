import { expect, test } from 'vitest';
import { largestOf, stackColumns } from './stack.ts';

test('each series stands on those before it, and unknown rows stay unknown', () => {
  const user = Float32Array.from([1, Number.NaN, 3, Number.NaN]);
  const system = Float32Array.from([10, 20, Number.NaN, Number.NaN]);
  const stacked = stackColumns([user, system], 0, 4);
  expect(stacked.map((column) => Array.from(column))).toStrictEqual([
    [1, 0, 3, Number.NaN],
    [11, 20, 3, Number.NaN],
  ]);
});

test('only the rows that are asked for are looked at', () => {
  const column = Float32Array.from([9, 1, 2, 9]);
  expect(largestOf([column], 1, 3)).toBe(2);
  expect(largestOf([], 0, 3)).toBe(0);
  expect(largestOf([Float32Array.from([Number.NaN])], 0, 1)).toBe(0);
});

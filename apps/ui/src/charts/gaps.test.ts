import { expect, test } from 'vitest';
import { findGaps } from './gaps.ts';

const all = (): boolean => true;
const find = (
  times: readonly number[],
  isKnown: (index: number) => boolean = all,
  range = { from: 0, to: 100 },
) => findGaps(Float64Array.from(times), isKnown, { ...range, spacingMs: 10 });

const steps = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / 10 + 1 }, (_, index) => from + index * 10);

test('rows that come in time leave no gap', () => {
  expect(find(steps(0, 100))).toStrictEqual([]);
});

test('one row that is missing is none either', () => {
  expect(find([0, 10, 20, 40, 50, 60, 70, 80, 90, 100])).toStrictEqual([]);
});

test('several that are missing are a gap from half a step after to half a step before', () => {
  expect(find([...steps(0, 20), ...steps(60, 100)])).toStrictEqual([{ from: 25, to: 55 }]);
});

test('a row that says that nothing is known is a gap at once', () => {
  expect(find(steps(0, 100), (index) => index !== 5)).toStrictEqual([{ from: 45, to: 55 }]);
});

test('before the first and after the last row there is a gap', () => {
  expect(find(steps(40, 60))).toStrictEqual([
    { from: 0, to: 35 },
    { from: 65, to: 100 },
  ]);
});

test('the row that is still to come is no gap', () => {
  expect(find(steps(0, 80))).toStrictEqual([]);
});

test('without rows all of it is a gap', () => {
  expect(find([])).toStrictEqual([{ from: 0, to: 100 }]);
});

test('rows outside of the range count for what is inside', () => {
  expect(find([-10, 110], all)).toStrictEqual([{ from: 0, to: 100 }]);
  expect(find([...steps(-50, 0), ...steps(10, 150)], all)).toStrictEqual([]);
});

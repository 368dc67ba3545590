import { describe, expect, test } from 'vitest';
import { median, percentile, ratios, spread } from './statistics.ts';

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

describe('statistics', () => {
  test.each([
    [[7], 7],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
  ])('the median of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test.each([
    [hundred, 50, 50],
    [hundred, 99, 99],
    [hundred, 100, 100],
    [hundred, 0, 1],
    [[5, 1, 3], 99, 5],
    [[5, 1, 3], 50, 3],
    [[4], 1, 4],
  ])('a percentile is one of the values (case %#)', (values, percent, expected) => {
    expect(percentile(values, percent)).toBe(expected);
  });

  test('a spread has the extremes, by size and not by spelling', () => {
    expect(spread([10, 9, 100])).toStrictEqual({ median: 10, min: 9, max: 100 });
  });

  test('leaves its argument as it was', () => {
    const values = [3, 1, 2];
    spread(values);
    expect(values).toStrictEqual([3, 1, 2]);
  });

  test('ratios are taken run by run', () => {
    expect(ratios([1, 6], [2, 3])).toStrictEqual([0.5, 2]);
    expect(() => ratios([1], [1, 2])).toThrow('both figures of each run');
  });

  test('nothing has no median', () => {
    expect(() => median([])).toThrow('no values');
  });
});

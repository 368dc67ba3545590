import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  copySamples,
  indexFrom,
  makeSampleBuffer,
  nearestIndex,
  ORIGIN_GUEST,
  type SampleRow,
} from './samples.ts';

const row = (time: number, value = time): SampleRow => ({
  time,
  origin: ORIGIN_GUEST,
  values: [value],
});

test('the newest rows push out the oldest, however many come', () => {
  const buffer = makeSampleBuffer(['a'], 3, 1);
  for (let time = 1; time <= 20; time += 1) buffer.push(row(time));
  expect([...buffer.view().times]).toStrictEqual([18, 19, 20]);
  expect([...buffer.view().column('a')]).toStrictEqual([18, 19, 20]);
});

test('the same moment is never there twice, and time never goes back', () => {
  const buffer = makeSampleBuffer(['a'], 5, 1);
  expect(buffer.push(row(10))).toBe(true);
  expect(buffer.push(row(10))).toBe(false);
  expect(buffer.push(row(9))).toBe(false);
  expect([...buffer.view().times]).toStrictEqual([10]);
});

test('what is filled in goes between what is there, and not beside it', () => {
  const buffer = makeSampleBuffer(['a'], 10, 1000);
  for (const time of [1000, 2000, 6000]) buffer.push(row(time));
  buffer.insert(
    [row(500, -1), row(2100, -1), row(3000), row(4000), row(5100), row(6400, -1)],
    1000,
  );
  expect([...buffer.view().column('a')]).toStrictEqual([1000, 2000, 3000, 4000, 5100, 6000]);
});

test('a copy stays as it is', () => {
  const buffer = makeSampleBuffer(['a'], 2, 1);
  for (const time of [1, 2]) buffer.push(row(time));
  const copy = copySamples(buffer.view(), ['a']);
  for (const time of [3, 4, 5, 6, 7]) buffer.push(row(time));
  expect([...copy.times, ...copy.column('a')]).toStrictEqual([1, 2, 1, 2]);
});

test('a column that is not there has no values', () => {
  expect(makeSampleBuffer(['a'], 2, 1).view().column('b')).toHaveLength(0);
});

test('rows that come every ten seconds are ten seconds apart, not missing', () => {
  const buffer = makeSampleBuffer(['a'], 10, 1000);
  for (const time of [0, 10_000, 20_100, 30_000]) buffer.push(row(time));
  expect(buffer.view().spacingMs).toBe(10_000);
});

test('searching agrees with looking at each', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 100 })),
      fc.integer({ min: -5, max: 105 }),
      (list, time) => {
        const sorted = list.toSorted((a, b) => a - b);
        const times = Float64Array.from(sorted);
        const found = sorted.findIndex((one) => one >= time);
        expect(indexFrom(times, time)).toBe(found === -1 ? sorted.length : found);
        const nearest = nearestIndex(times, time);
        const least = Math.min(...sorted.map((one) => Math.abs(one - time)));
        expect(nearest === undefined ? Infinity : Math.abs((times[nearest] ?? NaN) - time)).toBe(
          least,
        );
      },
    ),
  );
});

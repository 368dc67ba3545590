import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimate } from './decimate.ts';

const evenly = (count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => i);

test('few rows are all drawn, without those that are unknown', () => {
  const values = Float32Array.from([1, Number.NaN, 3]);
  expect([...decimate(evenly(3), values, { start: 0, end: 3, slices: 100 })]).toStrictEqual([0, 2]);
});

test('a single peak among very many rows is kept', () => {
  const values = new Float32Array(10_000);
  values[4321] = 99;
  const chosen = decimate(evenly(10_000), values, { start: 0, end: 10_000, slices: 100 });
  expect(chosen).toContain(4321);
  expect(chosen.length).toBeLessThan(500);
});

test('what is chosen is in order, known, and has the extremes and the ends of the whole', () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.integer({ min: -50, max: 50 }), { nil: Number.NaN }), {
        minLength: 1,
        maxLength: 300,
      }),
      fc.integer({ min: 1, max: 20 }),
      (list, slices) => {
        const values = Float32Array.from(list);
        const end = values.length;
        const chosen = [...decimate(evenly(end), values, { start: 0, end, slices })];
        const known = list.filter((value) => !Number.isNaN(value));
        const picked = chosen.map((index) => list[index] ?? Number.NaN);
        expect(chosen).toStrictEqual([...new Set(chosen)].toSorted((a, b) => a - b));
        expect(picked.some(Number.isNaN)).toBe(false);
        expect(Math.max(...picked)).toBe(Math.max(...known));
        expect(Math.min(...picked)).toBe(Math.min(...known));
        expect(picked.at(0)).toBe(known.at(0));
        expect(picked.at(-1)).toBe(known.at(-1));
      },
    ),
  );
});

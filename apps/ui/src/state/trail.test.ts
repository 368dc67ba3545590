import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeTrail, type Trail } from './trail.ts';

const valuesOf = (trail: Trail): (number | undefined)[] =>
  Array.from({ length: trail.length }, (_, index) => trail.at(index));

test('a trail keeps the last values, oldest first, and gaps as gaps', () => {
  const trail = makeTrail(3);
  expect(valuesOf(trail)).toStrictEqual([]);
  for (const [index, value] of [1, 2, null, 0].entries()) trail.set(100 + index, value);
  expect(valuesOf(trail)).toStrictEqual([2, undefined, 0]);
  expect([trail.at(-1), trail.at(3)]).toStrictEqual([undefined, undefined]);
});

test('steps that were left out are unknown, however many', () => {
  const trail = makeTrail(4);
  trail.set(10, 1);
  trail.set(12, 3);
  expect(valuesOf(trail)).toStrictEqual([1, undefined, 3]);
  trail.set(1_000, 5);
  expect(valuesOf(trail)).toStrictEqual([undefined, undefined, undefined, 5]);
});

test('what is filled in lies before, between and behind what is known, and changes nothing of it', () => {
  const trail = makeTrail(6);
  trail.set(12, 3);
  trail.set(14, 5);
  const steps = Array.from({ length: 8 }, (_, index) => 8 + index);
  trail.fill(8, new Float32Array(steps.map((step) => step * 10)));
  expect(valuesOf(trail)).toStrictEqual([100, 110, 3, 130, 5, 150]);
  trail.set(15, 6);
  trail.fill(15, new Float32Array([7]));
  trail.fill(3, new Float32Array([1, 2, 3]));
  trail.fill(15, new Float32Array(0));
  expect(trail.length).toBe(6);
  expect(valuesOf(trail).at(-1)).toBe(6);
});

test('a trail that is cleared begins anew, also earlier', () => {
  const trail = makeTrail(3);
  trail.set(50, 1);
  trail.set(51, 2);
  trail.clear();
  expect(trail.length).toBe(0);
  trail.set(20, 3);
  trail.set(21, 4);
  expect(valuesOf(trail)).toStrictEqual([3, 4]);
});

test('it holds what a list of all that was said would', () => {
  const value = fc.option(fc.nat(50));
  const said = fc.record({
    step: fc.integer({ min: 100, max: 140 }),
    values: fc.array(value, { minLength: 1, maxLength: 12 }),
    isFilled: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(said, { minLength: 1, maxLength: 40 }), (all) => {
      const trail = makeTrail(8);
      const known = new Map<number, number | null>();
      let newest = 0;
      for (const { step, values, isFilled } of all) {
        const added = isFilled ? values : values.slice(0, 1);
        newest = Math.max(newest, step + added.length - 1);
        for (const old of known.keys()) if (old <= newest - 8) known.delete(old);
        for (const [index, one] of added.entries()) {
          const at = step + index;
          if (at > newest - 8) known.set(at, isFilled ? (known.get(at) ?? one) : one);
        }
        if (isFilled) trail.fill(step, new Float32Array(added.map((one) => one ?? Number.NaN)));
        else trail.set(step, added[0] ?? null);
      }
      const wanted = Array.from(
        { length: trail.length },
        (_, index) => known.get(newest - trail.length + 1 + index) ?? undefined,
      );
      expect(valuesOf(trail)).toStrictEqual(wanted);
      expect(trail.length).toBeGreaterThanOrEqual(newest - Math.min(...known.keys()) + 1);
      expect(trail.length).toBeLessThanOrEqual(8);
    }),
  );
});

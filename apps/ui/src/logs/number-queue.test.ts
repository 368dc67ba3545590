import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeNumberQueue } from './number-queue.ts';

test('a queue of rising numbers finds and drops as a sorted list does', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: -50, max: 20_000 }), { maxLength: 9_000, size: 'max' }),
      fc.integer({ min: -60, max: 21_000 }),
      fc.integer({ min: -60, max: 21_000 }),
      (numbers, below, from) => {
        const sorted = numbers.toSorted((one, other) => one - other);
        const queue = makeNumberQueue();
        for (const number of sorted) queue.push(number);
        queue.dropBelow(below);
        queue.dropFrom(from);
        const left = sorted.filter((number) => number >= below && number < from);
        expect(left.map((_, at) => queue.at(at))).toStrictEqual(left);
        expect([queue.length, queue.at(-1), queue.at(left.length)]).toStrictEqual([
          left.length,
          undefined,
          undefined,
        ]);
        const position = left.findIndex((number) => number >= 5_000);
        expect(queue.positionOf(5_000)).toBe(position === -1 ? left.length : position);
      },
    ),
    { numRuns: 30 },
  );
});

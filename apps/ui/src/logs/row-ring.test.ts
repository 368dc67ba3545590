import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeNumberQueue } from './number-queue.ts';
import { makeRing } from './row-ring.ts';

type Step = 'push' | 'unshift' | 'shift' | 'pop';

test('a ring is a list that keeps the number of each item', () => {
  const steps = fc.array(
    fc.tuple(
      fc.constantFrom<Step>('push', 'push', 'unshift', 'shift', 'pop'),
      fc.integer({ min: 1, max: 900 }),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(steps, (taken) => {
      const ring = makeRing<number>();
      const list: number[] = [];
      let first = 0;
      let item = 0;
      for (const [step, times] of taken) {
        for (let time = 0; time < times; time += 1) {
          item += 1;
          if (step === 'push') {
            ring.push(item);
            list.push(item);
          } else if (step === 'unshift') {
            ring.unshift(item);
            list.unshift(item);
            first -= 1;
          } else if (step === 'pop') expect(ring.pop()).toBe(list.pop());
          else {
            if (list.length > 0) first += 1;
            expect(ring.shift()).toBe(list.shift());
          }
        }
      }
      expect([ring.first, ring.end]).toStrictEqual([first, first + list.length]);
      expect(list.map((_, at) => ring.at(first + at))).toStrictEqual(list);
      expect([ring.at(first - 1), ring.at(ring.end)]).toStrictEqual([undefined, undefined]);
    }),
    { numRuns: 40 },
  );
});

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

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeRing } from './ring.ts';

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

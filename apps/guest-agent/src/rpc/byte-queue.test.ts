import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeByteQueue } from './byte-queue.ts';

test('what goes in comes out in its order, whatever the pieces are', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 });
  const takes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(pieces, takes, (added, sizes) => {
      const queue = makeByteQueue();
      for (const piece of added) queue.add(piece);
      const all = added.flatMap((piece) => [...piece]);
      expect(queue.length()).toBe(all.length);
      const taken: number[] = [];
      for (const size of sizes) {
        const part = queue.take(size);
        expect(part.length).toBe(Math.min(size, all.length - taken.length));
        taken.push(...part);
        expect(queue.length()).toBe(all.length - taken.length);
      }
      expect(taken).toStrictEqual(all.slice(0, taken.length));
    }),
  );
});

test('what was cleared is gone', () => {
  const queue = makeByteQueue();
  queue.add(Uint8Array.of(1, 2, 3));
  queue.clear();
  queue.add(Uint8Array.of(4));
  expect([...queue.take(9)]).toStrictEqual([4]);
});

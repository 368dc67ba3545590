import { expect, test } from 'vitest';
import { makeAtMost } from './at-most.ts';

test('so many run at once, the next wait in their order, and more are turned away', async () => {
  const atMost = makeAtMost(2, 3);
  const begun: number[] = [];
  const ends: ((value: number | PromiseLike<number>) => void)[] = [];
  const all = [0, 1, 2, 3, 4].map((number) =>
    atMost.run(
      () =>
        new Promise<number>((resolve) => {
          begun.push(number);
          ends.push(resolve);
        }),
    ),
  );
  expect(await atMost.run(() => Promise.resolve(0))).toBeUndefined();
  expect(begun).toEqual([0, 1]);
  ends[1]?.(1);
  expect(await all[1]).toBe(1);
  expect(begun).toEqual([0, 1, 2]);
  // One that fails makes room like any other.
  ends[0]?.(Promise.reject(new Error('broken')));
  await expect(all[0]).rejects.toThrow('broken');
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[2]?.(2);
  ends[3]?.(3);
  expect(await Promise.all([all[2], all[3]])).toEqual([2, 3]);
  ends[4]?.(4);
  expect(await all[4]).toBe(4);
  expect(await atMost.run(() => Promise.resolve(5))).toBe(5);
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { insertIsolating } from './isolate.ts';

test('every row is written but those that are refused, and the search ends', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 300 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 299 }), { maxLength: 20 }),
      async (count, poison) => {
        const written: number[] = [];
        let statements = 0;
        const insert = (from: number, to: number): Promise<number> => {
          statements++;
          if (poison.some((row) => row >= from && row < to)) {
            return Promise.reject(new Error('refused'));
          }
          for (let row = from; row < to; row++) written.push(row);
          return Promise.resolve(to - from);
        };
        const result = await insertIsolating(count, insert, () => true);
        const good = Array.from({ length: count }, (_, row) => row).filter(
          (row) => !poison.includes(row),
        );
        expect(written).toEqual(good);
        expect(result).toMatchObject({ written: good.length, refused: count - good.length });
        expect(statements).toBeLessThanOrEqual(1 + 20 * 2 * 10);
      },
    ),
  );
});

test('where everything is refused, the search gives up early', async () => {
  let statements = 0;
  const insert = (): Promise<number> => {
    statements++;
    return Promise.reject(new Error('refused'));
  };
  const result = await insertIsolating(20_000, insert, () => true);
  expect(result).toMatchObject({ written: 0, refused: 20_000 });
  expect(statements).toBeLessThan(200);
});

test('an error that is not about the rows goes on to the caller', async () => {
  const insert = (): Promise<number> => Promise.reject(new Error('gone'));
  await expect(insertIsolating(3, insert, () => false)).rejects.toThrow('gone');
});

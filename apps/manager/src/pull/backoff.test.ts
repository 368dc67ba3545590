import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('one failure or two cost nothing, then the rest doubles up to thirty seconds', () => {
  const rests = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => backoffMs(failures, 1000, 1));
  expect(rests).toEqual([0, 0, 0, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('those that fail together come back apart', () => {
  expect(backoffMs(3, 1000, 0)).toBe(1500);
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 100, max: 600_000 }),
      fc.double({ min: 0, max: 1 }),
      (failures, intervalMs, random) => {
        const rest = backoffMs(failures, intervalMs, Number.isNaN(random) ? 0 : random);
        expect(rest).toBeGreaterThanOrEqual(0);
        expect(rest).toBeLessThanOrEqual(30_000);
      },
    ),
  );
});

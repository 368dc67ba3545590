import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeEvent } from '../testing/log-entries.ts';
import { barAfter, barAt, barCount, makeHistogram, stepFor, totalOf } from './histogram.ts';
import { makeLineRow } from './row.ts';

test('steps are round, and as fine as there is room for', () => {
  expect([stepFor(180_000, 180), stepFor(181_000, 180), stepFor(10, 180)]).toStrictEqual([
    1_000, 2_000, 100,
  ]);
  expect(stepFor(1_000 * 86_400_000, 180)).toBe(6 * 86_400_000);
});

test('each line of the span is in one bar, of its level', () => {
  const line = fc.tuple(
    fc.integer({ min: 0, max: 5_000_000 }),
    fc.constantFrom('error', 'trace', 'info'),
  );
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 2, max: 300 }), (lines, bars) => {
      const rows = lines.map(([timestamp, level]) =>
        makeLineRow(0, makeEvent('c', { timestamp, level }), 0),
      );
      const histogram = makeHistogram(rows, 0, 5_000_000, bars);
      expect(barCount(histogram)).toBeLessThanOrEqual(bars + 1);
      expect(histogram.from % histogram.step_ms).toBe(0);
      let total = 0;
      for (let bar = 0; bar < barCount(histogram); bar += 1) total += totalOf(histogram, bar);
      expect(total).toBe(lines.length);
      expect(histogram.debug.reduce((sum, count) => sum + count, 0)).toBe(
        lines.filter(([, level]) => level === 'trace').length,
      );
    }),
  );
});

test('keys move along the bars, and never off them', () => {
  expect(barAfter('ArrowLeft', 5, 10)).toBe(4);
  expect(barAfter('ArrowRight', 9, 10)).toBe(9);
  expect(barAfter('PageUp', 5, 100)).toBe(0);
  expect(barAfter('PageDown', 5, 100)).toBe(15);
  expect(barAfter('Home', 5, 10)).toBe(0);
  expect(barAfter('End', 5, 10)).toBe(9);
  for (const key of ['Enter', 'a', 'toString']) expect(barAfter(key, 5, 10)).toBeUndefined();
});

test('a moment is in one bar, and in the nearest where there is none', () => {
  const histogram = makeHistogram([], 10_000, 20_000, 11);
  expect(histogram.step_ms).toBe(1_000);
  expect(barAt(histogram, 12_999)).toBe(2);
  expect(barAt(histogram, 13_000)).toBe(3);
  expect(barAt(histogram, 0)).toBe(0);
  expect(barAt(histogram, 99_000)).toBe(10);
});

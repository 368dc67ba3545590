import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  axisLabel,
  formatValue,
  makeFixedAxis,
  makeValueAxis,
  settleAxis,
  type ValueAxis,
} from './value-axis.ts';

const MIB = 1024 * 1024;

test.each([
  [110 * MIB, 'bytes_per_second', 2, 200 * MIB],
  [90 * MIB, 'bytes_per_second', 2, 100 * MIB],
  [900 * 1024, 'bytes_per_second', 2, 1000 * 1024],
  [1100 * 1024, 'bytes_per_second', 2, 2 * MIB],
  [0, 'bytes_per_second', 2, 4096],
  [7.2, 'number', 4, 8],
  [9, 'number', 4, 10],
  [0, 'number', 4, 1],
  [0.0121, 'seconds', 4, 0.02],
  [41, 'percent', 2, 50],
] as const)('%d %s in %d steps reach up to %d', (largest, unit, count, top) => {
  expect(makeValueAxis(largest, unit, { count }).top).toBeCloseTo(top, 10);
});

test('an axis always holds what it is made for, and not much more', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 1e15, noNaN: true }),
      fc.constantFrom('bytes', 'number', 'seconds', 'bytes_per_second' as const),
      (largest, unit) => {
        const { top } = makeValueAxis(largest, unit, { count: 4 });
        expect(top).toBeGreaterThanOrEqual(largest * (1 - 1e-6));
        if (largest > 8 * MIB) expect(top).toBeLessThan(largest * 2.6);
      },
    ),
  );
});

test('a mirrored axis has its marks on both sides of zero', () => {
  const { ticks } = makeValueAxis(10, 'number', { count: 2, mirrored: true });
  expect(ticks).toStrictEqual([-10, -5, 0, 5, 10]);
});

test('a fixed axis ends where it is told to', () => {
  expect(makeFixedAxis(100, 'percent').ticks).toStrictEqual([0, 25, 50, 75, 100]);
});

test.each([
  [32, [0, 8, 16, 24, 32]],
  [23.5, [0, 4, 8, 12, 16, 20]],
  [3.8, [0, 1, 2, 3]],
] as const)('%d GiB of memory are marked in powers of two', (gib, marks) => {
  const { top, ticks } = makeFixedAxis(gib * 1024 * MIB, 'bytes');
  expect(top).toBe(gib * 1024 * MIB);
  expect(ticks.map((tick) => tick / 1024 / MIB)).toStrictEqual(marks);
});

test('an axis grows at once and shrinks only when there is room', () => {
  const make = (largest: number): ValueAxis => makeValueAxis(largest, 'number', { count: 4 });
  const first = settleAxis(undefined, 7, make);
  expect(first.top).toBe(8);
  expect(settleAxis(first, 9, make).top).toBe(10);
  expect(settleAxis(first, 6, make).top).toBe(8);
  expect(settleAxis(first, 2, make).top).toBe(4);
});

test.each([
  [60 * MIB, 'bytes_per_second', 120 * MIB, '60 M'],
  [-60 * MIB, 'bytes_per_second', 120 * MIB, '60 M'],
  [24 * 1024 * MIB, 'bytes', 32 * 1024 * MIB, '24 G'],
  [0, 'bytes', 100, '0 B'],
  [25, 'percent', 100, '25%'],
  [2.5, 'number', 10, '2.5'],
  [0.015, 'seconds', 0.02, '15 ms'],
  [2, 'seconds', 4, '2 s'],
] as const)('%d %s is marked as such', (value, unit, top, label) => {
  expect(axisLabel(value, unit, top)).toBe(label);
});

test('unknown has no figure', () => {
  expect(formatValue(Number.NaN, 'bytes').figure).toBe('–');
});

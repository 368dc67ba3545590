import { expect, test } from 'vitest';
import { makeFleetVm } from '../../testing/fleet-vm.ts';
import { changedCells, lookOf, type CellLook } from './heat-paint.ts';

const lookAt = (cpuUsagePercent: number | null): CellLook =>
  lookOf({ vm: makeFleetVm('vm', { cpuUsagePercent }) }, false);
const outlined: CellLook = { fill: '--h1', outline: '--warn', isFaint: false };

test('a cell is filled by steps, and what is unknown is not idle', () => {
  expect([0, 16, 17, 100].map((percent) => lookAt(percent).fill)).toEqual([
    '--h0',
    '--h0',
    '--h1',
    '--h5',
  ]);
  expect(lookAt(null).fill).toBeUndefined();
  expect(lookAt(100).outline).toBe('--crit');
  expect(lookOf({ vm: makeFleetVm('vm', { state: 'stale' }) }, false).outline).toBe('--warn');
});

test('only cells of another step are painted again', () => {
  const before = [lookAt(1), lookAt(20), lookAt(null), outlined];
  expect(changedCells(before, before)).toEqual([]);
  expect(changedCells(before, [lookAt(2), lookAt(40), lookAt(0), outlined])).toEqual([1, 2]);
});

test('what is not filtered for is faint, without an outline, and painted again when that changes', () => {
  const vm = makeFleetVm('vm', { cpuUsagePercent: 100 });
  expect(lookOf({ vm }, true)).toEqual({ fill: '--h5', outline: undefined, isFaint: true });
  const plain = lookAt(20);
  expect(changedCells([plain], [{ ...plain, isFaint: true }])).toEqual([0]);
});

test('where an outline is concerned all of it is painted again', () => {
  const plain: CellLook = { fill: '--h1', outline: undefined, isFaint: false };
  expect(changedCells([plain], [outlined])).toBeUndefined();
  expect(changedCells([outlined], [plain])).toBeUndefined();
  expect(changedCells([outlined], [{ ...outlined, fill: '--h2' }])).toBeUndefined();
  expect(changedCells([], [plain])).toBeUndefined();
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeFleetVm } from '../../testing/fleet-vm.ts';
import type { Line } from './fleet-lines.ts';
import { cellAt, layOutHeat } from './heat-layout.ts';

const groupOf = (count: number, name: string): Line => ({
  kind: 'group',
  name,
  vms: Array.from({ length: count }, (_, index) => makeFleetVm(`${name}-${index}`)),
});

const groups = fc
  .array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 })
  .map((counts) => counts.map((count, index) => groupOf(count, `kvm${index}`)));
const widths = fc.integer({ min: 300, max: 2400 });

test('every VM has a cell inside, no two overlap, and pointing at one finds it', () => {
  fc.assert(
    fc.property(groups, widths, (lines, width) => {
      const layout = layOutHeat(lines, width);
      const total = lines.reduce(
        (sum, line) => sum + (line.kind === 'group' ? line.vms.length : 0),
        0,
      );
      expect(layout.cells).toHaveLength(total);
      const taken = new Set<string>();
      for (const { vm, x, y, size } of layout.cells) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x + size).toBeLessThanOrEqual(width);
        expect(y + size).toBeLessThanOrEqual(layout.height);
        expect(cellAt(layout, x + size / 2, y + size / 2)).toBe(vm);
        taken.add(`${x},${y}`);
      }
      expect(taken.size).toBe(total);
    }),
    { numRuns: 15 },
  );
});

test('a small fleet gets larger cells than a large one', () => {
  const size = (count: number): number =>
    layOutHeat(
      Array.from({ length: count }, (_, index) => groupOf(42, `kvm${index}`)),
      1130,
    ).cells[0]?.size ?? 0;
  expect(size(2)).toBeGreaterThan(size(20));
});

test('twenty-four hosts of 42 VMs fit into one band of a laptop', () => {
  const lines = Array.from({ length: 24 }, (_, index) => groupOf(42, `kvm${index}`));
  expect(layOutHeat(lines, 1130).height).toBeLessThan(60);
});

test('beside the cells there is nobody', () => {
  expect(cellAt(layOutHeat([groupOf(3, 'kvm')], 400), 390, 3)).toBeUndefined();
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixedGeometry, guessLines, topThatKeeps, variableGeometry } from './geometry.ts';

test('each place belongs to the line that covers it, whatever the heights', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      fc.nat(3_000),
      (heights, at) => {
        const geometry = variableGeometry(heights.length, 18, (position) => heights[position] ?? 1);
        const position = geometry.positionAt(at);
        expect(geometry.total).toBe(18 * heights.reduce((sum, height) => sum + height, 0));
        expect(geometry.top(heights.length)).toBe(geometry.total);
        if (at < geometry.total) {
          expect(geometry.top(position)).toBeLessThanOrEqual(at);
          expect(geometry.top(position + 1)).toBeGreaterThan(at);
        } else expect(position).toBe(heights.length - 1);
      },
    ),
  );
});

test('lines of one height are the same thing, quicker', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(1_200), (count, at) => {
      const fixed = fixedGeometry(count, 18);
      const variable = variableGeometry(count, 18, () => 1);
      expect([fixed.total, fixed.positionAt(at), fixed.top(at)]).toStrictEqual([
        variable.total,
        variable.positionAt(at),
        variable.top(at),
      ]);
    }),
  );
});

test.for([
  ['', 10, 1],
  ['0123456789', 10, 1],
  ['0123456789a', 10, 2],
  ['a\n\nb', 10, 3],
  ['a\n0123456789ab\n', 10, 4],
  ['abc', 0, 1],
] as const)('%j in %i columns takes %i lines', ([text, columns, lines]) => {
  expect(guessLines(text, columns)).toBe(lines);
});

test('a line that was seen stays so when the box becomes lower; another moves nothing', () => {
  const geometry = fixedGeometry(100, 18);
  const keep = (position: number): number =>
    topThatKeeps(geometry, position, 180, { before: 360, now: 90 });
  expect([keep(9), keep(10), keep(14), keep(15), keep(29), keep(30)]).toStrictEqual([
    180, 180, 180, 198, 450, 180,
  ]);
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from './diff-lines.ts';
import { withoutTimes } from './without-times.ts';

const most = { maxCompared: 500, maxLines: 5_000 };
const line = fc.constantFrom('a', 'b', 'c', 'd');

test('a difference leads from one text to the other', () => {
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 20 }),
      fc.array(line, { maxLength: 20 }),
      (one, other) => {
        const { lines, cut } = diffLines(one, other, most);
        const without = (op: string): string[] =>
          lines.filter((each) => each.op !== op).map(({ text }) => text);
        expect(cut).toBe(false);
        // Of what is the same at both ends only a little is shown.
        expect(one.join('')).toContain(without('+').join(''));
        expect(other.join('')).toContain(without('-').join(''));
        const removed = lines.filter(({ op }) => op === '-').length;
        const added = lines.filter(({ op }) => op === '+').length;
        expect(added - removed).toBe(other.length - one.length);
      },
    ),
  );
});

test('what differs in times alone is the same', () => {
  const { lines } = diffLines(
    ['at 10:00:01', 'took 3.2s', 'x'],
    ['at 11:30:00', 'took 14 s', 'y'],
    most,
  );
  expect(lines.filter(({ op }) => op !== ' ')).toStrictEqual([
    { op: '-', text: 'x' },
    { op: '+', text: 'y' },
  ]);
});

test('large differences are cut, and say so', () => {
  const one = Array.from({ length: 2_000 }, (_, index) => `one ${index}x`);
  const other = Array.from({ length: 2_000 }, (_, index) => `other ${index}x`);
  const { lines, cut } = diffLines(one, other, { maxCompared: 100, maxLines: 50 });
  expect({ count: lines.length, cut }).toStrictEqual({ count: 50, cut: true });
});

test.each([
  ['2026-11-20T11:30:00.123Z done', '<time> done'],
  ['Fri Nov 20 11:30:00 UTC 2026', '<time> <time> UTC 2026'],
  ['[11:30:00] ok in 12.5 ms', '[<time>] ok in <time>'],
  ['1700000000 and 1700000000123', '<time> and <time>'],
  ['port 8080, 12 packages, v1.2.3', 'port 8080, 12 packages, v1.2.3'],
  ['Fetched 12.3 kB in 2s (6,000 B/s)', 'Fetched 12.3 kB in <time> (6,000 B/s)'],
])('%j without times is %j', (text, expected) => {
  expect(withoutTimes(text)).toBe(expected);
});

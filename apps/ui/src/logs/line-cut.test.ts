import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeEvent } from '../testing/log-entries.ts';
import { cutOf, sightLength } from './line-cut.ts';
import { makeLineRow } from './row.ts';

const cut = (message: string, isWrapped: boolean, cutBytes?: number) =>
  cutOf(
    makeLineRow(
      0,
      makeEvent('c1', { message, ...(cutBytes !== undefined && { cut_bytes: cutBytes }) }),
      0,
    ),
    isWrapped,
  );

test('a line is never higher than its limit, however many line feeds it has', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('\n', 'a', 'bc'), maxLength: 5_000 }), (text) => {
      const seen = text.slice(0, sightLength(text, true));
      expect(seen.split('\n').length).toBeLessThanOrEqual(20);
      expect(seen.length).toBeLessThanOrEqual(2_000);
      // Nothing is left out without need.
      if (text.length <= 2_000 && text.split('\n').length <= 20) expect(seen).toBe(text);
    }),
  );
});

test('what is left out is told, and that it can be shown', () => {
  expect(cut('one\ntwo', true)).toBeUndefined();
  expect(cut(Array.from({ length: 2_000 }, (_, at) => at).join('\n'), true)).toStrictEqual({
    note: ' … 1,980 more lines ',
    hasMore: true,
  });
  expect(cut('x'.repeat(2_500), true)?.note).toBe(' … 500 more characters ');
  expect(cut('x'.repeat(700), false)?.note).toBe(' … 100 more characters ');
});

test('what the agent has cut cannot be shown', () => {
  expect(cut('short', true, 1_000)).toStrictEqual({
    note: ' … 1,000 bytes cut by the agent ',
    hasMore: false,
  });
});

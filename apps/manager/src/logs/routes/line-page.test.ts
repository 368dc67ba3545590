/** Some lines out of many. */
import { expect, test } from 'vitest';
import { lineOf } from '../testing/fake-agent.ts';
import { makeLinePage } from './line-page.ts';

const pageOf = (isForwards: boolean, limit: number, maxBytes: number, sizes: readonly number[]) => {
  const page = makeLinePage(limit, isForwards, maxBytes);
  sizes.forEach((bytes, index) => page.add(lineOf(index + 1), bytes));
  const { items, more } = page.take();
  return { cursors: items.map(({ cursor }) => cursor).join(' '), more };
};

test.each([
  ['all of them', true, 3, 100, [1, 1, 1], 's=1 s=2 s=3', false],
  ['the first', true, 2, 100, [1, 1, 1], 's=1 s=2', true],
  ['the last', false, 2, 100, [1, 1, 1], 's=2 s=3', true],
  ['the first that have room', true, 9, 100, [60, 60, 10], 's=1', true],
  ['the last that have room', false, 9, 100, [10, 60, 60, 30], 's=3 s=4', true],
  ['one, however long it is', true, 9, 100, [500, 1], 's=1', true],
  ['the last one, however long it is', false, 9, 100, [1, 500], 's=2', true],
])('a page has %s', (_what, isForwards, limit, maxBytes, sizes, cursors, more) => {
  expect(pageOf(isForwards, limit, maxBytes, sizes)).toStrictEqual({ cursors, more });
});

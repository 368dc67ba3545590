import { expect, test } from 'vitest';
import { lineWidth } from './line-width.ts';

test.each([
  [1.25, 1, 1],
  [1.2, 1.2, 1 / 1.2],
  [1.25, 2, 1.25],
  [3, 1, 3],
])('a line of %d on a screen with %d pixels each is %d wide', (wanted, ratio, width) => {
  expect(lineWidth(wanted, ratio)).toBe(width);
});

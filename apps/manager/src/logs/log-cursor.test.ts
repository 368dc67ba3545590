/** Cursors that somebody brings along. */
import { expect, test } from 'vitest';
import { mayOpenAt } from './log-cursor.ts';

const NOW = 1_700_000_000_000;
const journal = (at: number): string => `s=1;i=2;b=3;m=4;t=${(at * 1000).toString(16)};x=5`;

test.each([
  [journal(NOW), undefined, true],
  [journal(NOW - 3_599_000), 'journal', true],
  [journal(NOW - 3_601_000), 'journal', false],
  [journal(NOW + 3_601_000), 'journal', true],
  [journal(NOW), 'kmsg', false],
  [journal(NOW), 'file:/var/log/messages', false],
  ['f=1-2;o=3', undefined, true],
  ['f=1-2;o=3', 'file:/var/log/messages', true],
  ['k=1;n=2', undefined, false],
  ['k=1;n=2', 'kmsg', true],
  ['a=1;n=2', undefined, false],
  ['a=1;n=2', 'agent', true],
  ['s=1\r\nx: y', undefined, false],
  ['', undefined, false],
] as const)('%j of %s: %s', (cursor, source, may) => {
  expect(mayOpenAt(cursor, source, NOW)).toBe(may);
});

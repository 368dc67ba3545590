/** Lines that wait to be written. */
import { expect, test } from 'vitest';
import { makeKeptRow } from '../../../../../test/support/log-lines.ts';
import { makeLineBuffer } from './line-buffer.ts';

test('a batch has so many rows and so many bytes at most, and one row at least', () => {
  const lines = makeLineBuffer(1_000_000);
  const bytes = 300;
  for (let number = 0; number < 10; number += 1) lines.add({ ...makeKeptRow(1, number), bytes });
  expect(lines.take(3, 100 * bytes)).toHaveLength(3);
  expect(lines.take(9, 2.5 * bytes)).toHaveLength(2);
  expect(lines.take(9, 1)).toHaveLength(1);
  expect([lines.size, lines.bytes]).toStrictEqual([4, 4 * bytes]);
  expect(lines.take(9, 100 * bytes)).toHaveLength(4);
  expect(lines.take(9, 100 * bytes)).toHaveLength(0);
});

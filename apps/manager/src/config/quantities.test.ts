import { expect, test } from 'vitest';
import { parseBytes, parseDurationMs } from './quantities.ts';

test.each([
  ['500ms', 500],
  ['1s', 1000],
  ['5m', 300_000],
  ['6h', 21_600_000],
  ['90d', 7_776_000_000],
])('%s is %d ms', (text, expected) => {
  expect(parseDurationMs(text)).toBe(expected);
});

test.each(['', '1', 's', '1 s', '-1s', '1.5s', '1S', '1constructor', '9999999999s'])(
  '%j is no duration',
  (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  },
);

test('sizes are binary', () => {
  expect(parseBytes('64MiB')).toBe(64 * 1024 * 1024);
  expect(parseBytes('64MB')).toBeUndefined();
});

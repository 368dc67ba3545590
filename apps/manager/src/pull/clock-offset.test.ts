import { expect, test } from 'vitest';
import { clockOffsetSeconds } from './clock-offset.ts';

const NOW = Date.UTC(2026, 2, 1, 12, 0, 0, 500);

test.each([
  ['Sun, 01 Mar 2026 12:00:00 GMT', 0],
  ['Sun, 01 Mar 2026 12:01:40 GMT', 100],
  ['Sun, 01 Mar 2026 11:58:20 GMT', -100],
  ['Thu, 01 Jan 1970 00:00:00 GMT', -1_772_366_400],
])('%s is %d seconds ahead', (date, seconds) => {
  expect(clockOffsetSeconds(date, NOW)).toBe(seconds);
});

test.each([undefined, '', 'now', '2026-03-01T12:00:00Z', 'Sun, 99 Abc 2026 12:00:00 GMT', '1'])(
  '%j tells nothing',
  (date) => {
    expect(clockOffsetSeconds(date, NOW)).toBeUndefined();
  },
);

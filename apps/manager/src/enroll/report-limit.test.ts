import { expect, test } from 'vitest';
import { makeReportLimit } from './report-limit.ts';

test('an agent reports ten times a minute at most, whatever others do', () => {
  let nowMs = 0;
  const limit = makeReportLimit({ monotonicMs: () => nowMs });
  for (let count = 0; count < 10; count += 1) expect(limit('vm-1')).toBeUndefined();
  nowMs += 20_000;
  expect(limit('vm-1')).toMatchObject({ status: 429, headers: { 'retry-after': '40' } });
  expect(limit('vm-2')).toBeUndefined();
  nowMs += 40_000;
  expect(limit('vm-1')).toBeUndefined();
});

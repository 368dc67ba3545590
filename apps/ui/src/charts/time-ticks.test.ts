import { expect, test } from 'vitest';
import { DAY, makeTimeTicks } from './time-ticks.ts';

const utc = (): number => 0;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  [5 * MINUTE, 6, MINUTE],
  [15 * MINUTE, 6, 5 * MINUTE],
  [HOUR, 6, 10 * MINUTE],
  [DAY, 6, 6 * HOUR],
  [7 * DAY, 7, DAY],
  [30 * DAY, 7, 5 * DAY],
])('%d ms in at most %d marks are %d ms apart', (span, count, step) => {
  const from = Date.UTC(2026, 10, 20, 14, 20, 7);
  const { stepMs, times } = makeTimeTicks(from, from + span, count, utc);
  expect(stepMs).toBe(step);
  expect(times.length).toBeGreaterThan(0);
  expect(times.length).toBeLessThanOrEqual(count + 1);
  expect(times.every((time) => time % step === 0 && time >= from && time <= from + span)).toBe(
    true,
  );
});

test('days begin at midnight of the wall, also in a zone of half hours', () => {
  const offset = 5.5 * HOUR;
  const from = Date.UTC(2026, 0, 1, 3);
  const { times } = makeTimeTicks(from, from + 3 * DAY, 4, () => offset);
  expect(times).toHaveLength(3);
  expect(times.every((time) => (time + offset) % DAY === 0)).toBe(true);
});

test('marks stay on the hours of the wall when the clocks change', () => {
  const change = Date.UTC(2026, 2, 29, 1);
  const offsetMs = (time: number): number => (time < change ? HOUR : 2 * HOUR);
  const from = Date.UTC(2026, 2, 28, 17);
  const { stepMs, times } = makeTimeTicks(from, from + DAY, 4, offsetMs);
  expect(times.every((time) => (time + offsetMs(time)) % stepMs === 0)).toBe(true);
  expect(new Set(times).size).toBe(times.length);
});

import { expect, test } from 'vitest';
import { makeTimeFormat } from '../../format/time.ts';
import { momentText, spanText } from './moment-text.ts';

const time = makeTimeFormat('UTC');
const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 20, 12);
const hourBefore = (to: number): { from: number; to: number } => ({ from: to - HOUR, to });

test('today the clock is enough', () => {
  expect(momentText(time, NOON - 1_000, hourBefore(NOON), NOON)).toBe('11:59:59');
});

test('another day is named', () => {
  const yesterday = NOON - 24 * HOUR;
  expect(momentText(time, yesterday, hourBefore(yesterday), NOON)).toBe('19 Nov, 12:00:00');
});

test('a range over midnight names the day of both sides', () => {
  const now = Date.UTC(2026, 10, 20, 0, 30);
  expect(momentText(time, now, hourBefore(now), now)).toBe('20 Nov, 00:30:00');
  expect(momentText(time, now - HOUR, hourBefore(now), now)).toBe('19 Nov, 23:30:00');
});

test('in a long range the seconds are left out', () => {
  expect(momentText(time, NOON, { from: NOON - 48 * HOUR, to: NOON }, NOON)).toBe('20 Nov, 12:00');
});

test('a range names its day once, or both of its days', () => {
  expect(spanText(time, hourBefore(NOON))).toBe('20 Nov, 11:00:00 – 12:00:00');
  const midnight = Date.UTC(2026, 10, 20);
  expect(spanText(time, hourBefore(midnight))).toBe('19 Nov, 23:00:00 – 20 Nov, 00:00:00');
});

import { describe, expect, test } from 'vitest';
import { formatAge, formatDuration } from './duration.ts';
import {
  formatBytes,
  formatBytesPerSecond,
  formatNumber,
  formatPercent,
  formatSeconds,
  quantityText,
} from './quantity.ts';
import { makeTimeFormat } from './time.ts';

describe('a number of bytes', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [844 * 1024, '844 KiB'],
    [1023.7 * 1024, '1.0 MiB'],
    [19.4 * 1024 ** 3, '19 GiB'],
    [2 ** 64, '16 EiB'],
    [2 ** 80, '1,048,576 EiB'],
  ])('%d is %s', (bytes, expected) => {
    expect(quantityText(formatBytes(bytes))).toBe(expected);
  });

  test('that is unknown is neither 0 nor has a unit', () => {
    expect(quantityText(formatBytes(null))).toBe('–');
    expect(quantityText(formatBytesPerSecond(null))).toBe('–');
    expect(quantityText(formatPercent(null))).toBe('–');
    expect(quantityText(formatNumber(null))).toBe('–');
  });

  test('per second says so', () => {
    expect(quantityText(formatBytesPerSecond(3.1 * 1024 ** 2))).toBe('3.1 MiB/s');
  });
});

test.each([
  [0, '0 µs'],
  [0.000_25, '250 µs'],
  [0.0034, '3.4 ms'],
  [2.5, '2.5 s'],
])('%d seconds are %s', (seconds, expected) => {
  expect(quantityText(formatSeconds(seconds))).toBe(expected);
});

test.each([
  [null, '–'],
  [0.4, '0s'],
  [59, '59s'],
  [60, '1m'],
  [200, '3m 20s'],
  [3600, '1h'],
  [54 * 86_400 + 11 * 3600 + 59, '54d 11h'],
])('%s seconds last %s', (seconds, expected) => {
  expect(formatDuration(seconds)).toBe(expected);
});

test.each([
  [400, '0.4 s ago'],
  [-20, '0.0 s ago'],
  [12_000, '12s ago'],
  [200_000, '3m 20s ago'],
])('%d ms are %s', (ms, expected) => {
  expect(formatAge(ms)).toBe(expected);
});

test('a moment is told in the zone of the user', () => {
  const at = Date.UTC(2026, 10, 20, 14, 23, 12);
  expect(makeTimeFormat('Europe/Berlin').clock(at)).toBe('15:23:12');
  expect(makeTimeFormat('UTC').full(at)).toBe('20 Nov 2026, 14:23:12 UTC');
  expect(makeTimeFormat('UTC').short(at)).toBe('20 Nov, 14:23');
  expect(makeTimeFormat('UTC').stamp(at)).toBe('20 Nov, 14:23:12');
});

test('which day it is depends on the zone of the user', () => {
  const evening = Date.UTC(2026, 10, 20, 23, 30);
  const night = Date.UTC(2026, 10, 21, 0, 30);
  expect(makeTimeFormat('UTC').isSameDay(evening, night)).toBe(false);
  expect(makeTimeFormat('Europe/Berlin').isSameDay(evening, night)).toBe(true);
  expect(makeTimeFormat('UTC').isSameDay(night, Date.UTC(2025, 10, 21))).toBe(false);
});

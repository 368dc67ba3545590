import { METRIC_FIELDS, type Reading } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { makeHostView, makeReading, readingWith } from '../../../../test/support/store-reading.ts';
import { copyMetrics, FIELD_COUNT, isNew } from './sample-row.ts';

const metricsOf = (reading: Reading): number[] => {
  const values = new Float64Array(FIELD_COUNT);
  copyMetrics(reading, values);
  return [...values];
};

test('the values are in the order of the columns', () => {
  const reading = readingWith(5, (field) => METRIC_FIELDS.indexOf(field) + 1);
  expect(metricsOf(reading)).toEqual(METRIC_FIELDS.map((_, index) => index + 1));
});

test('what is unknown stays unknown, and 0 stays 0', () => {
  const values = metricsOf(makeReading({ load1: 0 }));
  expect(values[METRIC_FIELDS.indexOf('load1')]).toBe(0);
  expect(values.filter((value) => !Number.isNaN(value))).toHaveLength(1);
});

test("the host's view is stored beside the guest's", () => {
  const values = metricsOf(makeReading({ host: makeHostView(42) }));
  expect(values[METRIC_FIELDS.indexOf('host_cpu_usage_percent')]).toBe(42);
});

test.each([
  [1e300, Number.NaN],
  [-1e31, Number.NaN],
  [1e30, 1e30],
  [1e-40, 0],
  [5e-324, 0],
])('%d is stored as %s: a real takes it, and so do averages of it', (value, stored) => {
  const values = metricsOf(makeReading({ load1: value }));
  expect(values[METRIC_FIELDS.indexOf('load1')]).toBe(stored);
});

test.each([
  ['the first one', { taken_at: 1000 }, undefined, true],
  ['a later one', { taken_at: 2000 }, 1000, true],
  ['the same values a second later', { taken_at: 1000, age_ms: 1000 }, 1000, false],
  ['older values, after the host took over', { taken_at: 500, age_ms: 1500 }, 1000, false],
  ['no values', { taken_at: 2000, origin: 'none' }, undefined, false],
  ['values of now, after the clock was set back an hour', { taken_at: 1000 }, 3_601_000, true],
  ['old values long after', { taken_at: 0, age_ms: 70_000 }, 65_000, false],
] as const)('%s', (_name, changes, last, expected) => {
  expect(isNew(makeReading(changes), last)).toBe(expected);
});

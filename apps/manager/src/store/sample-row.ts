/**
 * What of a reading is stored: the moment that its values are of, where they come from, and one
 * number for each column. A reading that has no values, or those of the one before, makes no row.
 */
import { METRIC_FIELDS, type Reading } from '@innkeeper/protocol';

export const FIELD_COUNT = METRIC_FIELDS.length;

/** As column `origin` has it. */
export const ORIGIN_GUEST = 0;
export const ORIGIN_HOST = 1;

/**
 * The columns are `real`. What is larger is no measurement, and what is smaller than this would
 * make an average underflow, which Postgres refuses: the roll-up would stand still for ever.
 */
const LARGEST = 1e30;
const SMALLEST = 1e-30;

/** NaN stands for unknown in the arrays of samples, and nowhere else: they hold no undefined. */
const storable = (value: number | null): number => {
  if (value === null) return Number.NaN;
  const size = Math.abs(value);
  if (size > LARGEST) return Number.NaN;
  return size < SMALLEST ? 0 : value;
};

/** In the order of METRIC_FIELDS, into an array that is used again for the next reading. */
export const copyMetrics = (reading: Reading, into: Float64Array): void => {
  for (let index = 0; index < FIELD_COUNT; index++) {
    const field = METRIC_FIELDS[index];
    if (field === undefined) continue;
    into[index] = storable(
      field === 'host_cpu_usage_percent'
        ? (reading.host?.cpu_usage_percent ?? null)
        : reading[field],
    );
  }
};

/** Values of now that are this much older than the last ones: the manager's clock was set back. */
const SET_BACK_MS = 60_000;
const OF_NOW_MS = 10_000;

/**
 * Whether the values are others than those that were stored last: a reading that repeats the last
 * ones, because nobody has answered since, has the moment of those.
 */
export const isNew = (reading: Reading, lastMoment: number | undefined): boolean => {
  if (reading.origin === 'none') return false;
  if (lastMoment === undefined || reading.taken_at > lastMoment) return true;
  return reading.taken_at < lastMoment - SET_BACK_MS && reading.age_ms < OF_NOW_MS;
};

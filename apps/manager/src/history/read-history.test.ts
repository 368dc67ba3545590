import { historySchema, METRIC_FIELDS, type MetricField } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { largest, weightedAverage } from '../../../../test/support/store-brute-force.ts';
import {
  makeFakeClock,
  makeReading,
  makeRecordingLog,
  type FakeClock,
} from '../../../../test/support/store-reading.ts';
import { makePartitions } from '../store/partitions.ts';
import { makeRollUp } from '../store/roll-up.ts';
import type { Retention } from '../store/tiers.ts';
import { makeWriter } from '../store/writer.ts';
import { makeReadHistory, type ReadHistory } from './read-history.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 20, 12, 34, 50);
const KEEP: Retention = {
  raw: 30 * DAY,
  '10s': 30 * DAY,
  '1m': 60 * DAY,
  '15m': 90 * DAY,
  '1h': 400 * DAY,
};
const FIELDS = ['cpu_usage_percent', 'load1'] as const;

let test_: TestDatabase;
let clock: FakeClock;
let history: ReadHistory;

beforeAll(async () => {
  test_ = await createTestDatabase();
}, 60_000);
afterAll(() => test_.drop());

// Few rows in many partitions: to delete them is much faster than to truncate those.
const clear = async (): Promise<void> => {
  for (const table of ['sample', 'roll_10s', 'roll_1m', 'roll_15m', 'roll_1h', 'tier']) {
    await test_.database.query({ text: `DELETE FROM ${table}` });
  }
};

beforeEach(async () => {
  await clear();
  clock = makeFakeClock(START);
  history = makeReadHistory({
    database: test_.database,
    clock,
    keepMs: KEEP,
    intervalMs: SECOND,
  });
});

interface Stored {
  readonly ts: number;
  readonly value: number;
  readonly isHost: boolean;
}

const makeStore = (keepMs: Retention = KEEP) => {
  const { database } = test_;
  const partitions = makePartitions({ database, clock, keepMs });
  const writer = makeWriter({
    database,
    partitions,
    clock,
    log: makeRecordingLog(),
    keepRawMs: keepMs.raw,
  });
  const rollUp = makeRollUp({
    database,
    partitions,
    clock,
    lateness: { lateMs: 10_000, graceMs: 15_000 },
    oldestUnwritten: () => writer.oldestUnwritten(),
  });
  return { partitions, rollUp, writer };
};

const store = async (
  samples: readonly Stored[],
  { writer }: Pick<ReturnType<typeof makeStore>, 'writer'> = makeStore(),
): Promise<void> => {
  for (const { ts, value, isHost } of samples.toSorted((one, other) => one.ts - other.ts)) {
    writer.add(
      1,
      makeReading({
        taken_at: ts,
        cpu_usage_percent: value,
        origin: isHost ? 'host' : 'guest',
      }),
    );
  }
  expect(await writer.flush()).toBe(true);
};

const originOf = (samples: readonly Stored[]) => {
  if (samples.length === 0) return null;
  const hosts = samples.filter(({ isHost }) => isHost).length;
  if (hosts === 0) return 'guest';
  return hosts === samples.length ? 'host' : 'mixed';
};

const rounded = (values: readonly (number | null)[]) =>
  values.map((value) => (value === null ? null : Number(value.toPrecision(4))));

/** What the samples themselves come to, in the steps of the answer. */
const expectAsByHand = (
  found: Awaited<ReturnType<ReadHistory>>,
  samples: readonly Stored[],
): void => {
  const steps = found.t.map((start) =>
    samples.filter(({ ts }) => ts >= start && ts < start + found.step_ms),
  );
  expect(found.origins).toEqual(steps.map(originOf));
  const series = found.series.cpu_usage_percent;
  expect(rounded(series?.avg ?? [])).toEqual(
    rounded(
      steps.map((step) => weightedAverage(step.map(({ value }) => ({ value, max: value, n: 1 })))),
    ),
  );
  expect(series?.max).toEqual(steps.map((step) => largest(step.map(({ value }) => value))));
  expect(found.series.load1).toEqual({ avg: steps.map(() => null), max: steps.map(() => null) });
};

const sampleArbitrary = fc.record({
  ts: fc
    .oneof(
      fc.integer({ min: 0, max: 5 * MINUTE }),
      fc.integer({ min: 0, max: 3 * HOUR }),
      fc.integer({ min: 0, max: 12 * HOUR }),
    )
    .map((ago) => START - ago),
  // Multiples of 4 in the thousands: averages differ in their first digits.
  value: fc.integer({ min: 0, max: 25 }).map((value) => value * 4),
  isHost: fc.boolean(),
});

test('whatever is stored and however far it is rolled up, the answer is what the samples come to', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(sampleArbitrary, {
        maxLength: 60,
        // What lies closer together counts as the same values.
        selector: ({ ts }) => Math.floor(ts / 100),
      }),
      fc.array(fc.integer({ min: 0, max: 3 * HOUR }), { maxLength: 2 }),
      fc.array(
        fc.record({
          ago: fc.integer({ min: -HOUR, max: 6 * HOUR }),
          length: fc.oneof(fc.integer({ min: 1, max: HOUR }), fc.integer({ min: 1, max: 2 * DAY })),
          points: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 2000 })),
        }),
        { minLength: 1, maxLength: 5 },
      ),
      async (unspaced, rollUps, queries) => {
        await clear();
        clock.set(START);
        const samples = unspaced
          .toSorted((one, other) => one.ts - other.ts)
          .filter(({ ts }, index, all) => ts - (all[index - 1]?.ts ?? 0) > 100);
        const parts = makeStore();
        await store(samples, parts);
        for (const ms of rollUps) {
          clock.advance(ms);
          await parts.rollUp.run(60_000);
        }
        for (const { ago, length, points } of queries) {
          const to = START - ago;
          const from = to - length;
          const found = await history({ vmKey: 1, from, to, points, fields: FIELDS });
          expect(found.t.length).toBeLessThanOrEqual(points);
          expect(found).toMatchObject({ from, to });
          expectAsByHand(found, samples);
        }
      },
    ),
    { numRuns: 12 },
  );
}, 60_000);

test('the answer is what the protocol says', async () => {
  await store([{ ts: START, value: 1, isHost: false }]);
  const fields: readonly MetricField[] = METRIC_FIELDS;
  const found = await history({ vmKey: 1, from: START - HOUR, to: START, points: 500, fields });
  const body = { vm_id: '6f1c2a34-0000-4000-8000-000000000001', ...found };
  expect(historySchema.parse(body)).toEqual(body);
  expect(Object.keys(found.series)).toEqual([...fields]);
});

test('a VM that was never heard of, the far past and the future are all gaps', async () => {
  await store([{ ts: START, value: 1, isHost: false }]);
  for (const [vmKey, from] of [
    [2, START - HOUR],
    [1, START - 3000 * DAY],
    [1, START + DAY],
    [1, 0],
  ] as const) {
    const found = await history({ vmKey, from, to: from + HOUR, points: 60, fields: FIELDS });
    expect(found.t.length).toBeGreaterThan(0);
    expect(found.origins.every((origin) => origin === null)).toBe(true);
    expect(found.series.cpu_usage_percent?.avg).toEqual(found.t.map(() => null));
  }
});

test('samples of each second, however late or early in it, leave no gaps; those that are missing do', async () => {
  // Around the turn of a second, by up to 0.3 s.
  const samples = Array.from({ length: 120 }, (_, second) => ({
    ts: START - second * SECOND + ((second * 37) % 600) - 300,
    value: second,
    isHost: false,
  })).filter((_, second) => second !== 50);
  await store(samples);
  const from = START - 119 * SECOND;
  const found = await history({ vmKey: 1, from, to: START, points: 500, fields: FIELDS });
  expect(found.step_ms).toBe(SECOND);
  expect(found.series.cpu_usage_percent?.avg.filter((value) => value === null)).toHaveLength(1);
  expectAsByHand(found, samples);
});

test('from a coarse tier to the newest sample there is no seam', async () => {
  const parts = makeStore({ ...KEEP, raw: 6 * HOUR, '10s': DAY });
  const samples = Array.from({ length: 3 * 360 }, (_, index) => ({
    ts: START - index * 10 * SECOND,
    value: index % 100,
    isHost: false,
  }));
  await store(samples, parts);
  await parts.rollUp.run(60_000);
  const from = START - 3 * HOUR;
  const found = await history({ vmKey: 1, from, to: START + 1, points: 50, fields: FIELDS });
  expect(found).toMatchObject({ tier: '1m', step_ms: 4 * MINUTE });
  expect(found.series.cpu_usage_percent?.avg).not.toContain(null);
  expectAsByHand(found, samples);
});

test('what is asked for all at once is answered in full', async () => {
  await store([{ ts: START, value: 1, isHost: true }]);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      history({ vmKey: 1, from: START - HOUR, to: START + 1, points: 500, fields: FIELDS }),
    ),
  );
  for (const found of answers) expect(found.origins.at(-1)).toBe('host');
});

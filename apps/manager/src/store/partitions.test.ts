import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { makeFakeClock } from '../../../../test/support/store-reading.ts';
import { makePartitions, partitionName } from './partitions.ts';
import { advanceTier } from './sql/advance-tier.ts';
import { completeRetention, ROLLED_TIERS, TIER_TABLES, type Retention } from './tiers.ts';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 10, 20, 12, 30);
const KEEP: Retention = {
  raw: 6 * HOUR_MS,
  '10s': 24 * HOUR_MS,
  '1m': 168 * HOUR_MS,
  '15m': 2160 * HOUR_MS,
  '1h': 9600 * HOUR_MS,
};

let test_: TestDatabase;
beforeAll(async () => {
  test_ = await createTestDatabase();
}, 60_000);
afterAll(() => test_.drop());

test('steps and widths divide each other, so that no step lies in two partitions', () => {
  ROLLED_TIERS.forEach((tier) => {
    const source = TIER_TABLES.find((table) => table.name === tier.source);
    expect(tier.widthMs % tier.stepMs).toBe(0);
    expect((source?.widthMs ?? 1) % tier.stepMs).toBe(0);
    expect((source?.widthMs ?? 1) <= tier.widthMs).toBe(true);
  });
});

test('a tier is kept at least as long as the one it is computed from', () => {
  expect(completeRetention({ ...KEEP, raw: 48 * HOUR_MS })).toEqual({
    ...KEEP,
    raw: 48 * HOUR_MS,
    '10s': 48 * HOUR_MS,
  });
});

test('the name says the time', () => {
  expect(partitionName('sample', Date.UTC(2026, 0, 2, 3))).toBe('sample_p20260102t0300');
});

test('partitions are made ahead, by several managers at once, and dropped when they are old and read', async () => {
  const { database } = test_;
  const clock = makeFakeClock(START);
  const managers = [1, 2, 3].map(() => makePartitions({ database, clock, keepMs: KEEP }));
  await Promise.all(managers.map((partitions) => partitions.maintain()));
  const [partitions = makePartitions({ database, clock, keepMs: KEEP })] = managers;
  for (const { name, table, widthMs } of TIER_TABLES) {
    const from = Math.floor(START / widthMs) * widthMs;
    expect(await partitions.list(name)).toEqual(
      [from, from + widthMs].map((fromMs) => ({
        name: partitionName(table, fromMs),
        fromMs,
        untilMs: fromMs + widthMs,
      })),
    );
  }

  // Nothing was rolled up: however old, raw samples stay.
  for (let hour = 1; hour <= 7; hour++) {
    clock.set(START + hour * HOUR_MS);
    expect(await partitions.maintain()).toMatchObject({ dropped: 0 });
  }
  const before = (await partitions.list('raw')).map(({ name }) => name);
  expect(before).toContain('sample_p20261120t1200');

  await advanceTier(database, '10s', Date.UTC(2026, 10, 20, 13));
  expect(await partitions.maintain()).toMatchObject({ dropped: 1, busy: 0 });
  expect((await partitions.list('raw')).map(({ name }) => name)).toEqual(
    before.filter((name) => name !== 'sample_p20261120t1200'),
  );
});

test('a partition that is in use is dropped in a later round', async () => {
  const { database } = test_;
  const clock = makeFakeClock(START);
  const partitions = makePartitions({ database, clock, keepMs: KEEP });
  const old = START - 30 * 24 * HOUR_MS;
  await partitions.ensure('raw', old, old);
  await partitions.ensure('raw', START - KEEP.raw, START);
  await advanceTier(database, '10s', START - HOUR_MS);
  await database.transaction(async (reader) => {
    await reader.query({ text: 'SELECT count(*) FROM sample' });
    expect(await partitions.maintain()).toMatchObject({ dropped: 0, busy: 1 });
  });
  expect(await partitions.maintain()).toMatchObject({ dropped: 1, busy: 0 });
});

test('the bounds are understood in any time zone', async () => {
  const { database } = test_;
  const partitions = makePartitions({ database, clock: makeFakeClock(START), keepMs: KEEP });
  const expected = await partitions.list('10s');
  expect(expected.length).toBeGreaterThan(0);
  await database.transaction(async (transaction) => {
    await transaction.query({ text: `SET LOCAL TimeZone = 'Asia/Kathmandu'` });
    await transaction.query({ text: `SET LOCAL DateStyle = 'German'` });
    expect(await partitions.list('10s', transaction)).toEqual(expected);
  });
});

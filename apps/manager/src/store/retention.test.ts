import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import {
  makeFakeClock,
  makeReading,
  makeRecordingLog,
  type FakeClock,
} from '../../../../test/support/store-reading.ts';
import { makePartitions } from './partitions.ts';
import { advanceTier } from './sql/advance-tier.ts';
import { makeStore } from './store.ts';
import { ROLLED_TIERS, TIER_TABLES } from './tiers.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2026, 10, 20, 12, 30);
const KEEP = {
  raw: 2 * HOUR_MS,
  '10s': 6 * HOUR_MS,
  '1m': DAY_MS,
  '15m': 7 * DAY_MS,
  '1h': 30 * DAY_MS,
};

let test_: TestDatabase;
let clock: FakeClock;
beforeAll(async () => {
  test_ = await createTestDatabase();
}, 60_000);
afterAll(() => test_.drop());
beforeEach(async () => {
  clock = makeFakeClock(START);
  for (const table of [...TIER_TABLES.map((tier) => tier.table), 'tier', 'vm_event']) {
    await test_.database.query({ text: `DELETE FROM ${table}` });
  }
});

/** A manager, as after a start. */
const makeManagerStore = () =>
  makeStore({ database: test_.database, clock, log: makeRecordingLog(), keepMs: KEEP });

const countOf = async (table: string): Promise<unknown> => {
  const { rows } = await test_.database.query({ text: `SELECT count(*)::int4 AS n FROM ${table}` });
  return rows[0];
};

/** One hour with a sample, its roll-ups and an event. */
const writeAnHour = async (): Promise<void> => {
  const { writer, maintenance } = makeManagerStore();
  writer.add(1, makeReading({ taken_at: clock.now(), cpu_usage_percent: 5 }));
  writer.addEvent({ vmKey: 1, at: clock.now(), kind: 'rebooted', detail: {} });
  await writer.flush();
  clock.advance(2 * HOUR_MS);
  expect(await maintenance.run()).toBe(true);
};

test.each([1, 50])(
  'a clock that is %i years ahead drops nothing, however often the manager is started',
  async (years) => {
    await writeAnHour();
    const kept = [...TIER_TABLES.map(({ table }) => table), 'vm_event'];
    clock.advance(years * 366 * DAY_MS);
    for (let start = 0; start < 2; start++) {
      const { writer, maintenance } = makeManagerStore();
      writer.add(2, makeReading({ taken_at: clock.now(), cpu_usage_percent: 5 }));
      await writer.flush();
      expect(await maintenance.run()).toBe(true);
      expect(maintenance.health().partitionsDropped).toBe(0);
      clock.advance(60_000);
    }
    clock.set(START + 2 * HOUR_MS + 60_000);
    expect(await makeManagerStore().maintenance.run()).toBe(true);
    for (const table of kept) expect(await countOf(table), table).not.toEqual({ n: 0 });
  },
);

test('a clock that stays wrong takes little', async () => {
  const { database } = test_;
  const partitions = makePartitions({ database, clock, keepMs: { ...KEEP, '1h': 400 * DAY_MS } });
  const rolled = ROLLED_TIERS.map(({ name }) => name);
  for (let month = 20; month >= 0; month--) {
    await partitions.ensure('1h', START - month * 30 * DAY_MS, START - month * 30 * DAY_MS);
  }
  const before = (await partitions.list('1h')).length;
  clock.advance(50 * 366 * DAY_MS);
  await Promise.all(rolled.map((tier) => advanceTier(database, tier, clock.now())));
  for (let hour = 0; hour < 9; hour++) {
    await partitions.maintain();
    clock.advance(HOUR_MS);
  }
  expect((await partitions.list('1h')).length).toBeGreaterThan(before / 2);
});

test.each([
  [12 * HOUR_MS, 2],
  [0, 0],
])(
  'of log lines that are kept for %i ms, %i partitions of the past stay',
  async (keepLogsMs, past) => {
    const { database } = test_;
    const begins = START - 30 * HOUR_MS;
    const partitions = makePartitions({ database, clock, keepMs: KEEP, keepLogsMs });
    await partitions.ensure('logs', begins, START);
    // Managers have run up to now: without that, the clock is not believed.
    await partitions.ensure('raw', START - 6 * HOUR_MS, START);
    await partitions.maintain();
    const left = await partitions.list('logs');
    expect(left.filter(({ untilMs }) => untilMs <= START)).toHaveLength(past);
    expect(left.some(({ fromMs, untilMs }) => fromMs <= START && untilMs > START)).toBe(true);
  },
);

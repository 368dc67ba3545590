import { METRIC_FIELDS } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import {
  asSteps,
  ROLLED,
  rollUpByHand,
  type BruteSample,
  type BruteStep,
} from '../../../../test/support/store-brute-force.ts';
import {
  makeFakeClock,
  makeReading,
  makeRecordingLog,
  type FakeClock,
} from '../../../../test/support/store-reading.ts';
import type { Database } from '../database/database.ts';
import { LOCK_CLASS, ROLL_UP_LOCK } from './advisory-locks.ts';
import { latenessOf } from './lateness.ts';
import { makeMaintenance } from './maintenance.ts';
import { makePartitions } from './partitions.ts';
import { makeRollUp } from './roll-up.ts';
import { getTiers } from './sql/get-tiers.ts';
import { ROLLED_TIERS, type Retention } from './tiers.ts';
import { FLUSH_MS, makeWriter } from './writer.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.UTC(2026, 10, 20, 12, 0);
const KEEP: Retention = {
  raw: 6 * HOUR_MS,
  '10s': 24 * HOUR_MS,
  '1m': 168 * HOUR_MS,
  '15m': 2160 * HOUR_MS,
  '1h': 9600 * HOUR_MS,
};
const lateness = latenessOf(FLUSH_MS);
const { graceMs } = lateness;

let test_: TestDatabase;
let clock: FakeClock;
beforeAll(async () => {
  test_ = await createTestDatabase();
}, 60_000);
afterAll(() => test_.drop());

const TABLES = ['sample', ...ROLLED.map(({ table }) => table)];
// Few rows in many partitions: to delete them is much faster than to truncate those.
const clear = async (): Promise<void> => {
  for (const table of [...TABLES, 'tier', 'vm_event', 'vm_latest']) {
    await test_.database.query({ text: `DELETE FROM ${table}` });
  }
};
beforeEach(async () => {
  await clear();
  clock = makeFakeClock(START);
});

/** A manager's store, as after a start. */
const makeStore = (database: Database = test_.database) => {
  const partitions = makePartitions({ database, clock, keepMs: KEEP });
  const writer = makeWriter({
    database,
    partitions,
    clock,
    log: makeRecordingLog(),
    keepRawMs: KEEP.raw,
    options: { flushMs: FLUSH_MS },
  });
  const rollUp = makeRollUp({
    database,
    partitions,
    clock,
    lateness,
    oldestUnwritten: () => writer.oldestUnwritten(),
  });
  return { partitions, writer, rollUp };
};

const add = (
  { writer }: ReturnType<typeof makeStore>,
  { vmKey, ts, isHost, values }: BruteSample,
): void => {
  // The writer passes over what is not newer than the last of a VM; late rows come from elsewhere.
  writer.forget(vmKey);
  writer.add(
    vmKey,
    makeReading({
      taken_at: ts,
      origin: isHost ? 'host' : 'guest',
      cpu_usage_percent: values[0],
      load1: values[1],
    }),
  );
};

const stepSchema = z.object({
  vm_key: z.number(),
  ts_ms: z.number(),
  n: z.number(),
  n_host: z.number(),
  avg_cpu_usage_percent: z.number().nullable(),
  max_cpu_usage_percent: z.number().nullable(),
  avg_load1: z.number().nullable(),
  max_load1: z.number().nullable(),
});

const storedSteps = async (table: string): Promise<BruteStep[]> => {
  const { rows } = await test_.database.query({
    text: `SELECT *, (extract(epoch FROM ts) * 1000)::float8 AS ts_ms
           FROM ${table} ORDER BY vm_key, ts`,
  });
  return rows
    .map((row) => stepSchema.parse(row))
    .map((row) => ({
      vmKey: row.vm_key,
      ts: row.ts_ms,
      n: row.n,
      nHost: row.n_host,
      avg: [row.avg_cpu_usage_percent, row.avg_load1],
      max: [row.max_cpu_usage_percent, row.max_load1],
    }));
};

/** To the precision of a `real`. */
const rounded = (steps: readonly BruteStep[]) =>
  steps.map((step) => ({
    ...step,
    avg: step.avg.map((value) => (value === null ? null : Number(value.toPrecision(4)))),
    max: step.max.map((value) => (value === null ? null : Number(value.toPrecision(5)))),
  }));

const expectTiersOf = async (samples: readonly BruteSample[]): Promise<void> => {
  let source = asSteps(samples);
  for (const { table, stepMs } of ROLLED) {
    source = rollUpByHand(source, stepMs);
    const complete = source.filter((step) => step.ts + stepMs <= clock.now() - graceMs);
    expect(rounded(await storedSteps(table)), table).toEqual(rounded(complete));
  }
};

/** Dies at one of its statements: what the transaction did until then is gone. */
const makeMortal = () => {
  let left = Number.POSITIVE_INFINITY;
  const live = (): void => {
    left--;
    if (left < 0) throw new Error('killed');
  };
  const database: Database = {
    query: async (statement) => {
      live();
      return test_.database.query(statement);
    },
    transaction: (work) =>
      test_.database.transaction((transaction) =>
        work({
          query: async (statement) => {
            live();
            return transaction.query(statement);
          },
        }),
      ),
  };
  return {
    database,
    dieAfter: (statements: number) => {
      left = statements;
    },
    isDead: () => left < 0,
  };
};

// Whole numbers and eighths: their averages are the same in any order of the sums.
const valueArbitrary = fc.option(
  fc.integer({ min: 0, max: 800 }).map((eighths) => eighths / 8),
  { nil: null, freq: 4 },
);
const sampleArbitrary = fc.record({
  vmKey: fc.integer({ min: 1, max: 3 }),
  ageMs: fc.oneof(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 3 * HOUR_MS })),
  isHost: fc.boolean(),
  values: fc.tuple(valueArbitrary, valueArbitrary),
});
const commandArbitrary = fc.oneof(
  fc.record({
    kind: fc.constant('write' as const),
    samples: fc.array(sampleArbitrary, { minLength: 1, maxLength: 30 }),
  }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: HOUR_MS }) }),
  fc.record({ kind: fc.constant('set back' as const), ms: fc.integer({ min: 0, max: 600_000 }) }),
  fc.record({ kind: fc.constant('roll up' as const), dieAfter: fc.integer({ min: 0, max: 60 }) }),
);

test('after any sequence of writes, late rows, clocks set back, roll-ups and deaths the tiers are what plain loops compute', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(commandArbitrary, { minLength: 1, maxLength: 8 }),
      async (commands) => {
        await clear();
        clock.set(START);
        const samples = new Map<string, BruteSample>();
        const mortal = makeMortal();
        let store = makeStore(mortal.database);
        for (const command of commands) {
          if (command.kind === 'advance') clock.advance(command.ms);
          else if (command.kind === 'set back') clock.set(clock.now() - command.ms);
          else if (command.kind === 'roll up') {
            mortal.dieAfter(command.dieAfter);
            await store.rollUp.run(60_000).catch((error: unknown) => {
              if (!mortal.isDead()) throw error;
            });
            mortal.dieAfter(Number.POSITIVE_INFINITY);
            store = makeStore(mortal.database);
          } else {
            for (const { ageMs, ...rest } of command.samples) {
              const sample = { ...rest, ts: clock.now() - ageMs };
              const key = `${sample.vmKey} ${sample.ts}`;
              if (samples.has(key)) continue;
              samples.set(key, sample);
              add(store, sample);
            }
            expect(await store.writer.flush()).toBe(true);
          }
        }
        clock.advance(2 * HOUR_MS);
        await store.rollUp.run(60_000);
        await expectTiersOf([...samples.values()]);
      },
    ),
    { numRuns: 12 },
  );
}, 60_000);

test('every field is rolled up', async () => {
  const store = makeStore();
  const guestFields = METRIC_FIELDS.filter((field) => field !== 'host_cpu_usage_percent');
  const values = Object.fromEntries(METRIC_FIELDS.map((field, index) => [field, index + 1]));
  for (const [second, factor] of [
    [1, 1],
    [2, 3],
  ] as const) {
    const scaled = Object.fromEntries(
      METRIC_FIELDS.map((field) => [field, (values[field] ?? 0) * factor]),
    );
    store.writer.add(1, makeReading({ taken_at: START + second * 1000, ...scaled }));
  }
  await store.writer.flush();
  clock.advance(2 * HOUR_MS);
  await store.rollUp.run(60_000);
  for (const { table } of ROLLED) {
    const { rows } = await test_.database.query({ text: `SELECT * FROM ${table}` });
    expect(rows).toEqual([
      expect.objectContaining(
        Object.fromEntries(
          guestFields.flatMap((field) => [
            [`avg_${field}`, 2 * (values[field] ?? 0)],
            [`max_${field}`, 3 * (values[field] ?? 0)],
          ]),
        ),
      ),
    ]);
  }
});

test('a step is left alone until it is complete and everything before it is written', async () => {
  const store = makeStore();
  const sample = { vmKey: 1, isHost: false, values: [1, 1] } as const;
  add(store, { ...sample, ts: START });
  await store.writer.flush();
  clock.set(START + 10_000 + graceMs - 1);
  await store.rollUp.run(60_000);
  expect(await storedSteps('roll_10s')).toEqual([]);
  add(store, { ...sample, vmKey: 2, ts: START + 9_999 });
  clock.set(START + 10_000 + graceMs);
  await store.rollUp.run(60_000);
  expect(await storedSteps('roll_10s')).toEqual([]);
  await store.writer.flush();
  await store.rollUp.run(60_000);
  expect(await storedSteps('roll_10s')).toHaveLength(2);
});

test('the time without partitions is passed over in one step, and old samples still get through', async () => {
  const store = makeStore();
  add(store, { vmKey: 1, ts: START, isHost: false, values: [1, 2] });
  await store.writer.flush();
  clock.advance(40 * 24 * HOUR_MS);
  const { outcomes } = await store.rollUp.run(60_000);
  expect([...outcomes.values()]).toEqual(['done', 'done', 'done', 'done']);
  for (const { table } of ROLLED) expect(await storedSteps(table)).toHaveLength(1);
});

test('two managers roll up at once, and come to the same', async () => {
  const stores = [makeStore(), makeStore()];
  const [first] = stores;
  if (first === undefined) throw new Error('there are two');
  const samples = Array.from({ length: 500 }, (_, index) => ({
    vmKey: (index % 5) + 1,
    ts: START - index * 7_000,
    isHost: index % 3 === 0,
    values: [index % 7, null],
  })) satisfies BruteSample[];
  for (const sample of samples) add(first, sample);
  await first.writer.flush();
  clock.advance(2 * HOUR_MS);
  while ((await getTiers(test_.database)).get('1h') !== START + HOUR_MS) {
    await Promise.all(stores.map(({ rollUp }) => rollUp.run(1)));
  }
  await expectTiersOf(samples);
});

test('rows that come after the clock was set back are rolled up', async () => {
  const store = makeStore();
  const sample = { vmKey: 1, isHost: false, values: [1, 1] } as const;
  add(store, { ...sample, ts: START - 30_000 });
  await store.writer.flush();
  await store.rollUp.run(60_000);
  clock.set(START - 8_000);
  await store.rollUp.run(60_000);
  add(store, { ...sample, ts: START - 18_000 });
  await store.writer.flush();
  clock.advance(2 * HOUR_MS);
  await store.rollUp.run(60_000);
  await expectTiersOf([
    { ...sample, ts: START - 30_000 },
    { ...sample, ts: START - 18_000 },
  ]);
});

test('a tier that another manager works at is left to it', async () => {
  const store = makeStore();
  const [tier] = ROLLED_TIERS;
  if (tier === undefined) throw new Error('there are tiers');
  await test_.database.transaction(async (other) => {
    await other.query({
      text: 'SELECT pg_advisory_xact_lock($1::int4, $2::int4)',
      values: [LOCK_CLASS, ROLL_UP_LOCK],
    });
    expect(await store.rollUp.step(tier)).toEqual({ outcome: 'busy', rows: 0 });
  });
  expect((await store.rollUp.step(tier)).outcome).not.toBe('busy');
});

test('maintenance does all of it, says when, and goes on after a failure that it logs once', async () => {
  const mortal = makeMortal();
  const { database } = mortal;
  const { partitions, rollUp, writer } = makeStore(database);
  const log = makeRecordingLog();
  const maintenance = makeMaintenance({
    database,
    partitions,
    rollUp,
    clock,
    log,
    keepMs: KEEP,
  });
  const old = START - KEEP['1h'] - 1;
  writer.addEvent({ vmKey: 1, at: old, kind: 'rebooted', detail: {} });
  writer.addEvent({ vmKey: 1, at: START, kind: 'rebooted', detail: {} });
  writer.add(1, makeReading({ taken_at: START }));
  await writer.flush();
  mortal.dieAfter(0);
  expect(await maintenance.run()).toBe(false);
  expect(await maintenance.run()).toBe(false);
  expect(maintenance.health()).toMatchObject({
    failures: 6,
    jobs: { 'roll-up': { lastSuccessAt: undefined, problem: 'killed' } },
  });
  mortal.dieAfter(Number.POSITIVE_INFINITY);
  clock.advance(5_000);
  expect(await maintenance.run()).toBe(true);
  expect(maintenance.health()).toMatchObject({
    jobs: { 'roll-up': { lastSuccessAt: START + 5_000, problem: undefined } },
  });
  expect(maintenance.health().tiers.get('1h')).toBe(START + 5_000);
  expect(log.lines.toSorted()).toEqual([
    ...Array.from({ length: 3 }, () => 'info: upkeep of the tables works again'),
    ...Array.from({ length: 3 }, () => 'warn: upkeep of the tables fails'),
  ]);
  const { rows } = await test_.database.query({ text: 'SELECT count(*)::int4 AS n FROM vm_event' });
  expect(rows).toEqual([{ n: 1 }]);
  const latest = await test_.database.query({ text: 'SELECT * FROM vm_latest' });
  expect(latest.rows).toEqual([]);
});

test('maintenance stops for good', async () => {
  const { partitions, rollUp } = makeStore();
  const maintenance = makeMaintenance({
    database: test_.database,
    partitions,
    rollUp,
    clock,
    log: makeRecordingLog(),
    keepMs: KEEP,
    roundMs: 1,
  });
  maintenance.start();
  await maintenance.run();
  await maintenance.stop();
  const before = maintenance.health().jobs.partitions.lastSuccessAt;
  expect(before).toBe(START);
});

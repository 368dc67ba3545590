import { METRIC_FIELDS } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import {
  makeFakeClock,
  makeReading,
  makeRecordingLog,
  readingWith,
  type FakeClock,
  type RecordingLog,
} from '../../../../test/support/store-reading.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { DatabaseUnavailable, type Database } from '../database/database.ts';
import { ROW_BYTES } from './column-buffer.ts';
import { makePartitions, partitionName } from './partitions.ts';
import { getVmLatest } from './sql/get-vm-latest.ts';
import type { Retention } from './tiers.ts';
import { makeWriter, type Writer, type WriterOptions } from './writer.ts';

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
let clock: FakeClock;
let log: RecordingLog;

beforeAll(async () => {
  test_ = await createTestDatabase();
}, 60_000);
afterAll(() => test_.drop());

beforeEach(async () => {
  await test_.database.query({ text: 'TRUNCATE sample, vm_latest, vm_event, tier' });
  clock = makeFakeClock(START);
  log = makeRecordingLog();
});

const makeTestWriter = (options: WriterOptions = {}, database: Database = test_.database): Writer =>
  makeWriter({
    database,
    partitions: makePartitions({ database, clock, keepMs: KEEP }),
    clock,
    log,
    keepRawMs: KEEP.raw,
    options,
  });

interface StoredSample {
  readonly [column: string]: unknown;
}

const isRecord = (row: unknown): row is StoredSample => typeof row === 'object' && row !== null;

const storedSamples = async (): Promise<StoredSample[]> => {
  const { rows } = await test_.database.query({
    text: `SELECT *, (extract(epoch FROM ts) * 1000)::float8 AS ms FROM sample ORDER BY vm_key, ts`,
  });
  return rows.filter(isRecord);
};

const storedMoments = async (): Promise<unknown[]> =>
  (await storedSamples()).map((row) => row['ms']);

/** Fails as told, then passes on to the real one. */
const makeFailing = (): { database: Database; failures: Error[]; attempts: () => number } => {
  const failures: Error[] = [];
  let attempts = 0;
  const failNext = (): void => {
    attempts++;
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
  };
  return {
    failures,
    attempts: () => attempts,
    database: {
      query: async (statement) => {
        if (statement.name === 'insert_samples') failNext();
        return test_.database.query(statement);
      },
      transaction: (work) => test_.database.transaction(work),
    },
  };
};

const sqlError = (code: string): Error => Object.assign(new Error(`failed with ${code}`), { code });

test('what is written is what is read: every value, null, the origin and the millisecond', async () => {
  const value = fc.option(fc.double({ min: 0, max: 1e30, noNaN: true }), { nil: null });
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          origin: fc.constantFrom('guest' as const, 'host' as const),
          values: fc.array(value, {
            minLength: METRIC_FIELDS.length,
            maxLength: METRIC_FIELDS.length,
          }),
        }),
        { minLength: 1, maxLength: 20 },
      ),
      async (samples) => {
        await test_.database.query({ text: 'TRUNCATE sample' });
        const writer = makeTestWriter();
        samples.forEach(({ origin, values }, index) => {
          const valueOf = (field: (typeof METRIC_FIELDS)[number]) =>
            values[METRIC_FIELDS.indexOf(field)] ?? null;
          writer.add(7, readingWith(START - 60_000 + index * 1_001, valueOf, { origin }));
        });
        expect(await writer.flush()).toBe(true);
        const stored = await storedSamples();
        expect(stored).toHaveLength(samples.length);
        samples.forEach(({ origin, values }, index) => {
          const row = stored[index];
          expect(row).toMatchObject({
            vm_key: 7,
            ms: START - 60_000 + index * 1_001,
            origin: origin === 'host' ? 1 : 0,
          });
          METRIC_FIELDS.forEach((field, at) => {
            const wanted = values[at] ?? null;
            const rounded = wanted === null ? null : Math.fround(wanted < 1e-30 ? 0 : wanted);
            const read = row?.[field];
            expect(typeof read === 'number' ? Math.fround(read) : read).toBe(rounded);
          });
        });
      },
    ),
    { numRuns: 15 },
  );
});

test('a reading that repeats old values is stored once, and one without values not at all', async () => {
  const writer = makeTestWriter();
  writer.add(1, makeReading({ taken_at: START - 3000, load1: 1 }));
  writer.add(1, makeReading({ taken_at: START - 3000, age_ms: 1000, load1: 1 }));
  writer.add(1, makeReading({ taken_at: START - 1000, origin: 'none', state: 'stale' }));
  await writer.flush();
  expect(await storedMoments()).toEqual([START - 3000]);
});

test('the same rows twice are written once and counted as repeated', async () => {
  for (const repeated of [0, 3]) {
    const writer = makeTestWriter();
    for (const second of [3, 2, 1]) {
      writer.add(1, makeReading({ taken_at: START - second * 1000 }));
    }
    await writer.flush();
    expect(writer.stats().rows).toMatchObject({ written: 3 - repeated, repeated });
  }
  expect(await storedMoments()).toHaveLength(3);
});

test('rows that are too old or from the future are dropped and counted', async () => {
  const writer = makeTestWriter();
  writer.add(1, makeReading({ taken_at: START - KEEP.raw - 1 }));
  writer.add(2, makeReading({ taken_at: START - KEEP.raw }));
  writer.add(3, makeReading({ taken_at: START + HOUR_MS }));
  await writer.flush();
  expect(await storedMoments()).toEqual([START - KEEP.raw]);
  expect(writer.stats().rows.dropped).toMatchObject({ tooOld: 1, inFuture: 1 });
  expect(writer.stats().bufferRows).toBe(0);
});

test('a partition that is gone is made again', async () => {
  const writer = makeTestWriter();
  writer.add(1, makeReading({ taken_at: START }));
  await writer.flush();
  await test_.database.query({
    text: `DROP TABLE ${partitionName('sample', START - 30 * 60_000)}`,
  });
  clock.advance(1000);
  writer.add(1, makeReading({ taken_at: START + 1000 }));
  expect(await writer.flush()).toBe(true);
  expect(await storedMoments()).toEqual([START + 1000]);
});

test('while Postgres is away rows wait, the oldest make room, and each is counted', async () => {
  const { database, failures } = makeFailing();
  const writer = makeTestWriter({ bufferBytes: 10 * ROW_BYTES, maxBatchRows: 4 }, database);
  failures.push(...Array.from({ length: 3 }, () => new DatabaseUnavailable('gone')));
  for (let row = 0; row < 10; row++) writer.add(row + 1, makeReading({ taken_at: START - row }));
  expect(await writer.flush()).toBe(false);
  expect(await writer.flush()).toBe(false);
  for (let row = 10; row < 13; row++) writer.add(row + 1, makeReading({ taken_at: START - row }));
  expect(await writer.flush()).toBe(false);
  expect(writer.stats()).toMatchObject({ state: 'waiting', problem: 'gone', failedAttempts: 3 });
  expect(await writer.flush()).toBe(true);
  expect(writer.stats()).toMatchObject({
    state: 'writing',
    problem: undefined,
    bufferRows: 0,
    rows: { written: 10, dropped: { overflow: 3 } },
  });
  const keys = (await storedSamples()).map((row) => row['vm_key']);
  expect(keys).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  expect(log.lines).toEqual([
    'warn: samples wait in memory: Postgres does not take them',
    'info: samples are written again',
  ]);
});

test('a row that Postgres refuses is left out, and all the others are written', async () => {
  await test_.database.query({
    text: 'ALTER TABLE sample ADD CONSTRAINT odd CHECK (load1 <> 13)',
  });
  try {
    const writer = makeTestWriter();
    for (let row = 1; row <= 100; row++) {
      writer.add(row, makeReading({ taken_at: START, load1: row % 50 === 13 ? 13 : 1 }));
    }
    expect(await writer.flush()).toBe(true);
    expect(writer.stats().rows).toMatchObject({ written: 98, dropped: { refused: 2 } });
    expect(await storedMoments()).toHaveLength(98);
    expect(log.lines).toEqual(['error: Postgres refuses rows: they are dropped']);
  } finally {
    await test_.database.query({ text: 'ALTER TABLE sample DROP CONSTRAINT odd' });
  }
});

test('a full disk drops nothing', async () => {
  const { database, failures } = makeFailing();
  const writer = makeTestWriter({}, database);
  failures.push(...Array.from({ length: 20 }, () => sqlError('53100')));
  writer.add(1, makeReading({ taken_at: START }));
  for (let attempt = 0; attempt < 20; attempt++) expect(await writer.flush()).toBe(false);
  expect(await writer.flush()).toBe(true);
  expect(await storedMoments()).toEqual([START]);
});

test('a failure that nobody knows is tried again, and then the rows behind it are searched', async () => {
  const { database, failures, attempts } = makeFailing();
  const writer = makeTestWriter({}, database);
  failures.push(...Array.from({ length: 100 }, () => new Error('protocol violation')));
  writer.add(1, makeReading({ taken_at: START }));
  writer.add(2, makeReading({ taken_at: START }));
  for (let attempt = 0; attempt < 5; attempt++) expect(await writer.flush()).toBe(false);
  expect(await writer.flush()).toBe(true);
  expect(writer.stats().rows.dropped.refused).toBe(2);
  expect(attempts()).toBeLessThan(12);
});

test('the last that is known of a VM is kept, and written only when it changes', async () => {
  await test_.database.query({
    text: `INSERT INTO vm (key, name) OVERRIDING SYSTEM VALUE VALUES (7, 'seven')`,
  });
  const writer = makeTestWriter();
  const reading = makeReading({ taken_at: START, agent_seen_at: START, boot_id: 'b\0oot' });
  writer.add(7, reading);
  writer.add(8, reading);
  await writer.flush();
  expect(await getVmLatest(test_.database)).toEqual([
    {
      vmKey: 7,
      takenAt: START,
      agentSeenAt: START,
      bootId: 'boot',
      state: 'up',
      origin: 'guest',
    },
  ]);
  await test_.database.query({ text: 'TRUNCATE vm_latest' });
  writer.add(7, { ...reading, age_ms: 5000 });
  await writer.flush();
  expect(await getVmLatest(test_.database)).toEqual([]);
  writer.add(7, { ...reading, age_ms: 6000, state: 'stale' });
  await writer.flush();
  expect(await getVmLatest(test_.database)).toMatchObject([{ state: 'stale', takenAt: START }]);
});

test('events are written once, whatever a guest put into them', async () => {
  const writer = makeTestWriter({ maxEvents: 2 });
  const event = { vmKey: 1, at: START, kind: 'rebooted' } as const;
  writer.addEvent({ ...event, detail: { dropped: 'for being the oldest' } });
  writer.addEvent({ ...event, detail: { message: `"},'{\\ nul:\0 half:\ud800 end`, from: null } });
  writer.addEvent({ ...event, kind: 'state_changed', detail: { count: 2 } });
  await writer.flush();
  expect(writer.stats().events).toEqual({ written: 2, dropped: 1 });
  writer.addEvent({ ...event, kind: 'state_changed', detail: { count: 2 } });
  await writer.flush();
  expect(writer.stats().events.written).toBe(2);
  const { rows } = await test_.database.query({
    text: 'SELECT kind, detail FROM vm_event ORDER BY id',
  });
  expect(rows).toEqual([
    { kind: 'rebooted', detail: { message: `"},'{\\ nul: half:\ufffd end`, from: null } },
    { kind: 'state_changed', detail: { count: 2 } },
  ]);
});

test('a batch that is full does not wait for its time', async () => {
  const writer = makeTestWriter({ flushMs: HOUR_MS, maxBatchRows: 3 });
  writer.start();
  for (const key of [1, 2, 3]) writer.add(key, makeReading({ taken_at: START }));
  await waitUntil('it is written', () => writer.stats().rows.written === 3);
  expect(writer.stats().batches).toBe(1);
  await writer.stop(5_000);
});

test('the end writes what is left', async () => {
  const writer = makeTestWriter();
  writer.start();
  writer.add(1, makeReading({ taken_at: START }));
  await writer.stop(5_000);
  writer.add(1, makeReading({ taken_at: START + 1000 }));
  expect(await storedMoments()).toEqual([START]);
  expect(writer.stats()).toMatchObject({ bufferRows: 0 });
});

test('the end waits only so long for a Postgres that does not answer', async () => {
  const stuck: { release?: () => void } = {};
  const database: Database = {
    query: () =>
      new Promise((_resolve, reject) => {
        stuck.release = () => reject(new DatabaseUnavailable('gone'));
      }),
    transaction: (work) => test_.database.transaction(work),
  };
  const writer = makeTestWriter({}, database);
  writer.add(1, makeReading({ taken_at: START }));
  await writer.stop(50);
  expect(writer.stats().rows.dropped.unwrittenAtStop).toBe(1);
  expect(log.lines).toEqual(['error: the manager ends with samples that were not written']);
  stuck.release?.();
});

test('how far it is behind is the age of the oldest row that waits', () => {
  const writer = makeTestWriter();
  expect(writer.stats().lagMs).toBeUndefined();
  writer.add(1, makeReading({ taken_at: START - 500 }));
  clock.advance(1500);
  expect(writer.stats().lagMs).toBe(2000);
  expect(writer.oldestUnwritten()).toBe(START - 500);
});

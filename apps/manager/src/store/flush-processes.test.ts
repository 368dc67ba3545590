import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { makeProcess } from '../../../../test/support/store-process.ts';
import {
  makeFakeClock,
  makeReading,
  makeRecordingLog,
  type FakeClock,
  type RecordingLog,
} from '../../../../test/support/store-reading.ts';
import { DatabaseUnavailable, type Database } from '../database/database.ts';
import { getProcessSnapshot } from '../history/sql/get-process-snapshot.ts';
import { makePartitions, partitionName } from './partitions.ts';
import type { Retention } from './tiers.ts';
import { makeWriter, type Writer } from './writer.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2026, 10, 20, 12, 30);
const KEEP: Retention = {
  raw: 6 * HOUR_MS,
  '10s': DAY_MS,
  '1m': 7 * DAY_MS,
  '15m': 90 * DAY_MS,
  '1h': 400 * DAY_MS,
};
const TABLE = 'process_snapshot';

let test_: TestDatabase;
let clock: FakeClock;
let log: RecordingLog;
beforeAll(async () => {
  test_ = await createTestDatabase();
}, 60_000);
afterAll(() => test_.drop());

beforeEach(async () => {
  await test_.database.query({ text: `TRUNCATE sample, vm_latest, vm_event, tier, ${TABLE}` });
  clock = makeFakeClock(START);
  log = makeRecordingLog();
});

const makeTestPartitions = (keepProcessesMs = 7 * DAY_MS) =>
  makePartitions({ database: test_.database, clock, keepMs: KEEP, keepProcessesMs });

const makeTestWriter = (database: Database = test_.database): Writer =>
  makeWriter({
    database,
    partitions: makeTestPartitions(),
    clock,
    log,
    keepRawMs: KEEP.raw,
    keepProcessesMs: 7 * DAY_MS,
  });

/** Answers nothing, or not what was hoped for, to the statement that adds lists. */
const makeFailing = (failures: (Error | 'after')[]): Database => ({
  transaction: (work) => test_.database.transaction(work),
  query: async (statement) => {
    if (statement.name !== 'insert_process_snapshots') return test_.database.query(statement);
    const failure = failures.shift();
    if (failure instanceof Error) throw failure;
    const result = await test_.database.query(statement);
    if (failure === 'after') throw new DatabaseUnavailable('the answer got lost');
    return result;
  },
});

const readingAt = (at: number, name = 'nginx') =>
  makeReading({ taken_at: at, top: [makeProcess({ name })], top_at: at });

const nameAt = async (vmKey: number, at: number): Promise<string | undefined> => {
  const found = await getProcessSnapshot(test_.database, vmKey, at - 2 * MINUTE_MS, at);
  return found?.processes[0]?.name;
};

const countStored = async (): Promise<unknown> => {
  const { rows } = await test_.database.query({ text: `SELECT count(*)::int4 AS n FROM ${TABLE}` });
  return rows;
};

test('what a VM was busy with is found by the moment, and its own only', async () => {
  const writer = makeTestWriter();
  writer.add(1, readingAt(START - 5 * MINUTE_MS, 'first'));
  writer.add(1, readingAt(START - 4 * MINUTE_MS, 'second'));
  writer.add(2, readingAt(START - 4 * MINUTE_MS, 'another'));
  expect(await writer.flush()).toBe(true);
  expect(writer.stats().processes).toEqual({ written: 3, dropped: 0 });

  const second = START - 4 * MINUTE_MS;
  expect(await nameAt(1, second)).toBe('second');
  expect(await nameAt(1, second - 1)).toBe('first');
  expect(await nameAt(1, second + 2 * MINUTE_MS)).toBe('second');
  expect(await nameAt(1, second + 2 * MINUTE_MS + 1)).toBeUndefined();
  expect(await nameAt(2, second)).toBe('another');
  expect(await nameAt(3, second)).toBeUndefined();
  const found = await getProcessSnapshot(test_.database, 2, 0, START);
  expect(found).toEqual({
    at: second,
    processes: [
      {
        pid: 4242,
        name: 'another',
        user: 'www-data',
        cpu_usage_percent: 3.4,
        rss_bytes: 20 * 1024 * 1024,
        memory_usage_percent: 1.2,
      },
    ],
  });
});

test('names that Postgres would refuse are stored all the same', async () => {
  const writer = makeTestWriter();
  writer.add(1, readingAt(START, `a\0b\uD800c"'\\{}[],\n${'x'.repeat(300)}`));
  expect(await writer.flush()).toBe(true);
  expect(await nameAt(1, START)).toBe(`ab\uFFFDc"'\\{}[],\n${'x'.repeat(50)}`);
});

test('what cannot be written waits, and a write whose answer got lost changes nothing', async () => {
  const database = makeFailing([new DatabaseUnavailable('away'), 'after']);
  const writer = makeTestWriter(database);
  writer.add(1, readingAt(START));
  expect(await writer.flush()).toBe(false);
  expect(await writer.flush()).toBe(false);
  expect(await writer.flush()).toBe(true);
  expect(await countStored()).toEqual([{ n: 1 }]);
  expect(writer.stats().processes.dropped).toBe(0);
  expect(await nameAt(1, START)).toBe('nginx');
});

test('a list from before they are kept, or from a clock that was ahead, is dropped and counted', async () => {
  const writer = makeTestWriter();
  writer.add(1, readingAt(START - 8 * DAY_MS));
  writer.add(2, readingAt(START));
  writer.add(3, readingAt(START + 11 * MINUTE_MS));
  expect(await writer.flush()).toBe(true);
  expect(writer.stats().processes).toEqual({ written: 1, dropped: 2 });
  expect(await countStored()).toEqual([{ n: 1 }]);
});

test('a partition that another manager has dropped is made again', async () => {
  const writer = makeTestWriter();
  writer.add(1, readingAt(START));
  await writer.flush();
  const name = partitionName(TABLE, Math.floor(START / DAY_MS) * DAY_MS);
  await test_.database.query({ text: `DROP TABLE ${name}` });
  writer.add(1, readingAt(START + 2 * MINUTE_MS));
  expect(await writer.flush()).toBe(true);
  expect(writer.stats().processes).toEqual({ written: 2, dropped: 0 });
  expect(await nameAt(1, START + 2 * MINUTE_MS)).toBe('nginx');
});

test('a list that Postgres refuses keeps no other from being written', async () => {
  const refusal = Object.assign(new Error('refused'), { code: '22000' });
  // All of them, then the first half, which is one.
  const writer = makeTestWriter(makeFailing([refusal, refusal, refusal]));
  for (const vmKey of [1, 2]) writer.add(vmKey, readingAt(START));
  expect(await writer.flush()).toBe(true);
  expect(writer.stats().processes).toEqual({ written: 1, dropped: 1 });
  expect(await nameAt(2, START)).toBe('nginx');
  expect(log.lines).toEqual(['error: Postgres refuses rows: they are dropped']);
});

test('the partitions are a day wide and go when the last list in them is too old', async () => {
  const partitions = makeTestPartitions(2 * DAY_MS);
  const today = Math.floor(START / DAY_MS) * DAY_MS;
  for (const ago of [4, 3, 2, 1]) {
    await partitions.ensure('processes', today - ago * DAY_MS, today - ago * DAY_MS);
  }
  // A manager has run for a while.
  await partitions.ensure('raw', START - 8 * HOUR_MS, START);
  await partitions.maintain();
  expect(
    (await partitions.list('processes')).map(({ fromMs }) => (fromMs - today) / DAY_MS),
  ).toEqual([-2, -1, 0, 1]);
});

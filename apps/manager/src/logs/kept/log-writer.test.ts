import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LOG_START, makeKeptRow } from '../../../../../test/support/log-lines.ts';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/postgres.ts';
import {
  makeFakeClock,
  makeRecordingLog,
  type FakeClock,
  type RecordingLog,
} from '../../../../../test/support/store-reading.ts';
import { waitUntil } from '../../../../../test/support/wait-until.ts';
import { DatabaseUnavailable, type Database } from '../../database/database.ts';
import { makePartitions } from '../../store/partitions.ts';
import { toKeptRow } from './kept-row.ts';
import { makeLogWriter, type LogWriter, type LogWriterOptions } from './log-writer.ts';
import { makePositions, type Positions } from './positions.ts';
import { toLogEvent } from './present-line.ts';
import { listLogPartitions } from './sql/list-log-partitions.ts';
import { searchKeptLogs, type KeptLogRow } from './sql/search-kept-logs.ts';

const HOUR_MS = 3_600_000;
const KEEP = { raw: HOUR_MS, '10s': HOUR_MS, '1m': HOUR_MS, '15m': HOUR_MS, '1h': HOUR_MS };

let test_: TestDatabase;
let clock: FakeClock;
let log: RecordingLog;
let positions: Positions;

beforeAll(async () => {
  test_ = await createTestDatabase();
}, 60_000);
afterAll(() => test_.drop());
beforeEach(async () => {
  await test_.database.query({ text: 'TRUNCATE kept_log, log_vm' });
  clock = makeFakeClock(LOG_START);
  log = makeRecordingLog();
  positions = makePositions(test_.database);
});

const makeTestWriter = (
  options: LogWriterOptions = {},
  database: Database = test_.database,
): LogWriter => {
  const partitions = makePartitions({ database, clock, keepMs: KEEP });
  return makeLogWriter({ database, partitions, positions, clock, log, options });
};

const stored = async (): Promise<KeptLogRow[]> =>
  searchKeptLogs(test_.database, {
    from: 0,
    to: LOG_START * 2,
    vmKeys: undefined,
    level: 0,
    targets: [],
    text: undefined,
    order: 'oldest',
    behind: undefined,
    limit: 10_000,
  });
const messages = async (): Promise<string[]> => (await stored()).map(({ message }) => message);

const HOSTILE_LINES = [
  {
    level: 'trace' as const,
    stream: 'stdout' as const,
    timestamp: null,
    target: '\0',
    message: '\u{d800}',
    fields: Object.fromEntries([['__proto__', 'x']]),
    pid: undefined,
  },
];

test('what is written is what is read, whatever a guest has sent', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          level: fc.constantFrom('trace', 'debug', 'info', 'warn', 'error'),
          stream: fc.constantFrom('stdout' as const, 'stderr' as const, undefined),
          timestamp: fc.option(fc.integer({ min: 0, max: LOG_START }), { nil: null }),
          target: text,
          message: text,
          fields: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.constant(null))),
          pid: fc.option(fc.integer({ min: 1, max: 2 ** 22 }), { nil: undefined }),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      async (lines) => {
        await test_.database.query({ text: 'TRUNCATE kept_log' });
        const writer = makeTestWriter();
        const rows = lines.map(({ pid, stream, fields, ...line }, index) =>
          toKeptRow(
            {
              ...line,
              fields: pid === undefined ? { ...fields } : { ...fields, _PID: String(pid) },
              cursor: `c${index}`,
              ...(stream !== undefined && { stream }),
            },
            {
              vmKey: 7,
              source: undefined,
              receivedAt: LOG_START + index,
              keptFor: 'level',
              oldest: LOG_START - HOUR_MS,
            },
          ),
        );
        for (const row of rows) writer.add(row);
        expect(await writer.flush()).toBe(true);
        expect(log.lines).toEqual([]);
        const found = new Map((await stored()).map((row) => [row.cursor, row]));
        for (const row of rows) {
          const event = toLogEvent(found.get(row.cursor) ?? expect.fail(row.cursor));
          const fields: unknown = JSON.parse(row.fields);
          expect({ ...event.fields, _PID: undefined }).toEqual({
            ...Object(fields),
            _PID: undefined,
          });
          expect(event.fields['_PID']).toBe(row.pid === undefined ? undefined : String(row.pid));
          expect(event).toMatchObject({
            timestamp: row.guestTs ?? null,
            target: row.target,
            message: row.message,
          });
          expect(found.get(row.cursor)).toMatchObject({ ts_ms: row.ts, level: row.level });
        }
      },
    ),
    { numRuns: 20, examples: [[HOSTILE_LINES]] },
  );
});

test('a line that is sent again is not kept twice, and is counted', async () => {
  const writer = makeTestWriter();
  for (const number of [1, 2, 2, 1, 3]) writer.add(makeKeptRow(7, number));
  await writer.flush();
  writer.add(makeKeptRow(7, 3));
  writer.add(makeKeptRow(8, 3));
  await writer.flush();
  expect(await messages()).toEqual(['line 1', 'line 2', 'line 3', 'line 3']);
  expect(writer.stats()).toMatchObject({ written: 4, repeated: 3 });
});

test('lines of one millisecond stay in the order in which they came', async () => {
  const writer = makeTestWriter();
  const timestamp = LOG_START;
  for (let number = 1; number <= 50; number += 1) writer.add(makeKeptRow(7, number, { timestamp }));
  await writer.flush();
  expect(await messages()).toEqual(Array.from({ length: 50 }, (_, n) => `line ${n + 1}`));
});

test('a row that Postgres refuses keeps no other from being written', async () => {
  const writer = makeTestWriter();
  for (let number = 1; number <= 20; number += 1) {
    const row = makeKeptRow(7, number);
    // Nothing that comes through toKeptRow is refused; the day that something is, this holds.
    writer.add(number === 11 ? { ...row, message: 'NUL \0 in it' } : row);
  }
  expect(await writer.flush()).toBe(true);
  expect(await messages()).toHaveLength(19);
  expect(writer.stats()).toMatchObject({ written: 19, refused: 1 });
  expect(log.lines).toHaveLength(1);
});

describe('while Postgres is away', () => {
  const makeAway = (): { database: Database; comeBack: () => void } => {
    let isAway = true;
    return {
      database: {
        query: async (statement) => {
          if (isAway) throw new DatabaseUnavailable('away');
          return test_.database.query(statement);
        },
        transaction: (work) => test_.database.transaction(work),
      },
      comeBack: () => {
        isAway = false;
      },
    };
  };

  test('lines wait, the oldest make room, and what was lost is counted', async () => {
    const { database, comeBack } = makeAway();
    const { bytes } = makeKeptRow(7, 10);
    const writer = makeTestWriter({ bufferBytes: 10.5 * bytes }, database);
    for (let number = 10; number < 25; number += 1) writer.add(makeKeptRow(7, number));
    expect(await writer.flush()).toBe(false);
    for (let number = 25; number < 30; number += 1) writer.add(makeKeptRow(7, number));
    expect(await writer.flush()).toBe(false);
    expect(writer.stats()).toMatchObject({ bufferRows: 10, overflow: 10, problem: 'away' });
    comeBack();
    expect(await writer.flush()).toBe(true);
    expect(await messages()).toEqual(Array.from({ length: 10 }, (_, n) => `line ${n + 20}`));
    expect(writer.stats()).toMatchObject({ written: 10, bufferRows: 0, problem: undefined });
    expect(log.lines).toHaveLength(2);
  });

  test('a manager that ends says what it could not write', async () => {
    const { database } = makeAway();
    const writer = makeTestWriter({}, database);
    writer.add(makeKeptRow(7, 1));
    await writer.stop(200);
    writer.add(makeKeptRow(7, 2));
    expect(writer.stats()).toMatchObject({ unwrittenAtStop: 1, bufferRows: 1 });
    expect(log.lines.at(-1)).toMatch(/^error: the manager ends with log lines/u);
  });
});

test('what Postgres has not answered to when the manager ends counts as unwritten', async () => {
  const { database } = test_;
  let answer = (): void => undefined;
  const writer = makeTestWriter(
    {},
    {
      query: async (statement) => {
        if (statement.text.includes('INSERT')) {
          await new Promise<void>((resolve) => {
            answer = resolve;
          });
        }
        return database.query(statement);
      },
      transaction: (work) => database.transaction(work),
    },
  );
  for (const number of [1, 2, 3]) writer.add(makeKeptRow(7, number));
  await writer.stop(200);
  expect(writer.stats()).toMatchObject({ unwrittenAtStop: 3, bufferRows: 0 });
  answer();
  await waitUntil('it is over', () => writer.stats().written === 3);
});

test('many bytes do not wait for their time, nor do many rows that came during a flush', async () => {
  const writer = makeTestWriter({ flushMs: 600_000 });
  writer.start();
  const message = 'x'.repeat(16_000);
  for (let number = 1; number <= 300; number += 1) writer.add(makeKeptRow(7, number, { message }));
  await waitUntil('they are written', () => writer.stats().written === 300);
  for (let number = 301; number <= 5_300; number += 1) writer.add(makeKeptRow(7, number));
  await waitUntil('they are written too', () => writer.stats().written === 5_300);
  await writer.stop(1_000);
  expect(writer.stats().unwrittenAtStop).toBe(0);
});

test('a partition is made for each line, and none for the time between them', async () => {
  const before = (await listLogPartitions(test_.database)).length;
  const writer = makeTestWriter();
  const day = 24 * HOUR_MS;
  writer.add(makeKeptRow(7, 1, { timestamp: LOG_START - 9 * day }));
  writer.add(makeKeptRow(7, 2));
  await writer.flush();
  expect(writer.stats().written).toBe(2);
  expect((await listLogPartitions(test_.database)).length).toBeLessThanOrEqual(before + 2);
});

test('a partition that was dropped meanwhile is made again', async () => {
  const writer = makeTestWriter();
  writer.add(makeKeptRow(7, 1));
  await writer.flush();
  await test_.database.query({ text: 'DROP TABLE kept_log_p20261120t1200' });
  writer.add(makeKeptRow(7, 2));
  expect(await writer.flush()).toBe(true);
  expect(await messages()).toEqual(['line 2']);
});

test('positions are written after the lines before them, and found again', async () => {
  const writer = makeTestWriter();
  writer.add(makeKeptRow(7, 1));
  const vmId = '6f1c2a34-0000-4000-8000-000000000007';
  positions.note({ vmKey: 7, vmId, name: 'web', cursor: 's=1;i=1', resumeAfter: undefined });
  await writer.flush();
  positions.note({ vmKey: 7, vmId, name: 'web-2', cursor: 's=1;i=9', resumeAfter: 's=1;i=5' });
  await writer.flush();
  const early = makePositions(test_.database);
  await early.load();
  expect(early.of(7)).toMatchObject({ cursor: 's=1;i=1', resumeAfter: undefined });
  // Of a manager that ends all are written, whenever the last time was.
  await writer.stop(5_000);
  const late = makePositions(test_.database);
  await late.load();
  expect(late.of(7)).toMatchObject({ cursor: 's=1;i=9', resumeAfter: 's=1;i=5' });
});

test('a line without a time is not written without the place behind it', async () => {
  const vmId = '6f1c2a34-0000-4000-8000-000000000007';
  const note = (vmKey: number, cursor: string): void =>
    positions.note({ vmKey, vmId, name: 'web', cursor, resumeAfter: undefined });
  const placeOf = async (vmKey: number): Promise<string | undefined> => {
    const found = makePositions(test_.database);
    await found.load();
    return found.of(vmKey)?.cursor;
  };
  let isAway = false;
  positions = makePositions({
    query: async (statement) => {
      if (isAway) throw new DatabaseUnavailable('away');
      return test_.database.query(statement);
    },
  });
  const writer = makeTestWriter();
  note(7, 'f=1:1');
  note(8, 's=1;i=1');
  await writer.flush();
  writer.add(makeKeptRow(7, 2, { timestamp: null, cursor: 'f=1:2' }));
  writer.add(makeKeptRow(8, 2));
  note(7, 'f=1:2');
  note(8, 's=1;i=2');
  await writer.flush();
  // The other one's is written from time to time.
  expect([await placeOf(7), await placeOf(8)]).toEqual(['f=1:2', 's=1;i=1']);
  writer.add(makeKeptRow(7, 3, { timestamp: LOG_START * 2, cursor: 'f=1:3' }));
  note(7, 'f=1:3');
  await writer.flush();
  expect(await placeOf(7)).toBe('f=1:3');
  isAway = true;
  writer.add(makeKeptRow(7, 4, { timestamp: null, cursor: 'f=1:4' }));
  note(7, 'f=1:4');
  expect(await writer.flush()).toBe(false);
  expect(writer.stats()).toMatchObject({ written: 4 });
  isAway = false;
  expect(await writer.flush()).toBe(true);
  expect(await placeOf(7)).toBe('f=1:4');
});

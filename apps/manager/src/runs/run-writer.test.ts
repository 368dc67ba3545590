import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { DatabaseUnavailable, type Database } from '../database/database.ts';
import { createRun } from './create-run.ts';
import { RUN_LIMITS } from './limits.ts';
import type { ExecutionRecord, RunRecord, StoredEvent } from './run-record.ts';
import { makeRunWriter, type RunWriter } from './run-writer.ts';
import { getExecution } from './sql/get-execution.ts';
import { getRunEvents } from './sql/get-run-events.ts';
import { BY_OPERATOR } from './testing/run-harness.ts';

let testDatabase: TestDatabase;
let writer: RunWriter | undefined;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(async () => testDatabase.drop());
afterEach(async () => writer?.stop(1_000));

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const limits = { ...RUN_LIMITS, writeRetryMs: 5, maxWriteRetryMs: 20, batchEvents: 7 };

/** The real one, as long as it is not said to be away. */
const makeDatabase = () => {
  const state = { isAway: false };
  const database: Database = {
    query: async (statement) => testDatabase.database.query(statement),
    transaction: async (work) => {
      if (state.isAway) throw new DatabaseUnavailable('away');
      return testDatabase.database.transaction(work);
    },
  };
  return { state, database };
};

const newRun = async (): Promise<{ run: RunRecord; execution: ExecutionRecord }> => {
  const vms = [{ id: '00000000-0000-4000-8000-000000000001', name: 'vm' }];
  const options = { database: testDatabase.database, now: Date.now() };
  const { run, executions } = await createRun(options, BY_OPERATOR, {
    name: 'test',
    request: { argv: ['true'] },
    askAfterSeconds: undefined,
    commandId: undefined,
    retryOf: undefined,
    selector: undefined,
    concurrency: 1,
    canary: undefined,
    maxFailures: undefined,
    waitMs: undefined,
    vms,
  });
  const [execution] = executions;
  if (execution === undefined) throw new Error('there is none');
  return { run, execution };
};

const eventOf = (runKey: number, seq: number, text: string): StoredEvent => ({
  runKey,
  seq,
  executionKey: undefined,
  at: Date.now(),
  kind: 'stdout',
  data: Buffer.from(text),
});
const read = async (runKey: number): Promise<string[]> => {
  const most = { maxEvents: 1_000, maxBytes: 1_000_000 };
  const events = await getRunEvents(testDatabase.database, { runKey, after: 0, ...most });
  return events.map(({ data }) => data.toString('utf8'));
};
const texts = (count: number): string[] => Array.from({ length: count }, (_, at) => `event ${at}`);

test('what is added is written in order, and told when it is written', async () => {
  const { database } = makeDatabase();
  writer = makeRunWriter({ database, limits, log: silent });
  const told: number[] = [];
  writer.onWritten((events) => told.push(...events.map(({ seq }) => seq)));
  const { run } = await newRun();
  for (const [at, text] of texts(30).entries()) {
    writer.add({ event: eventOf(run.key, at + 1, text) });
  }
  expect(await writer.written()).toBe(true);
  expect(await read(run.key)).toStrictEqual(texts(30));
  expect(told).toStrictEqual(Array.from({ length: 30 }, (_, at) => at + 1));
});

test('while the database is away everything waits, and agents are not read beyond a limit', async () => {
  const { state, database } = makeDatabase();
  writer = makeRunWriter({ database, limits: { ...limits, pendingBytes: 5_000 }, log: silent });
  let rooms = 0;
  writer.onRoom(() => {
    rooms += 1;
  });
  const { run } = await newRun();
  state.isAway = true;
  for (const [at, text] of texts(30).entries()) {
    writer.add({ event: eventOf(run.key, at + 1, text) });
  }
  expect(writer.isFull()).toBe(true);
  const own = writer;
  await waitUntil('it has tried twice', () => own.stats().failedAttempts >= 2);
  expect(await read(run.key)).toStrictEqual([]);
  state.isAway = false;
  expect(await writer.written()).toBe(true);
  expect(await read(run.key)).toStrictEqual(texts(30));
  expect({ isFull: writer.isFull(), rooms }).toStrictEqual({ isFull: false, rooms: 1 });
});

test('what is stored of an execution never is behind what is said to be stored', async () => {
  const { database } = makeDatabase();
  writer = makeRunWriter({ database, limits, log: silent });
  const { run, execution } = await newRun();
  const seen: boolean[] = [];
  writer.onWritten((events) => {
    seen.push(events.every(({ seq }) => seq <= execution.lastEventId));
  });
  for (let seq = 1; seq <= 40; seq += 1) {
    execution.lastEventId = seq;
    writer.add({ event: eventOf(run.key, seq, `${seq}`), execution });
    if (seq % 10 !== 0) continue;
    const stored = await getExecution(database, execution.key);
    expect((await read(run.key)).length).toBeGreaterThanOrEqual(stored?.lastEventId ?? 0);
  }
  await writer.written();
  expect(await getExecution(database, execution.key)).toMatchObject({ lastEventId: 40 });
  expect(seen).not.toContain(false);
});

test('a run that the database does not take does not hold up the others', async () => {
  const { database } = makeDatabase();
  writer = makeRunWriter({ database, limits, log: silent });
  const { run } = await newRun();
  writer.add({ event: eventOf(999_999, 1, 'of no run') });
  writer.add({ event: eventOf(run.key, 1, 'of a run') });
  expect(await writer.written()).toBe(true);
  expect(await read(run.key)).toStrictEqual(['of a run']);
  expect(writer.stats()).toMatchObject({ refused: 1 });
});

test('a writer that is stopped without a database tells that nothing was written', async () => {
  const { state, database } = makeDatabase();
  writer = makeRunWriter({ database, limits, log: silent });
  const { run } = await newRun();
  state.isAway = true;
  writer.add({ event: eventOf(run.key, 1, 'lost') });
  const written = writer.written();
  await writer.stop(10);
  expect(await written).toBe(false);
});

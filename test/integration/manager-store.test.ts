/** The manager's writer and a Postgres that stops, dies and comes back. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { migrate } from '../../apps/manager/src/database/migrate.ts';
import { openDatabase, type OpenedDatabase } from '../../apps/manager/src/database/pool.ts';
import { makePartitions } from '../../apps/manager/src/store/partitions.ts';
import { makeWriter, type Writer } from '../../apps/manager/src/store/writer.ts';
import { MIGRATIONS_DIR, startTestServer, type TestServer } from '../support/postgres.ts';
import { makeReading, makeRecordingLog } from '../support/store-reading.ts';
import { waitUntil } from '../support/wait-until.ts';

const HOUR_MS = 3_600_000;
const KEEP = {
  raw: 6 * HOUR_MS,
  '10s': 24 * HOUR_MS,
  '1m': 168 * HOUR_MS,
  '15m': 2160 * HOUR_MS,
  '1h': 9600 * HOUR_MS,
};
const BATCH_ROWS = 500;
const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

let server: TestServer;
let database: OpenedDatabase;

beforeAll(async () => {
  server = await startTestServer();
  const address = { url: server.url };
  const migrated = await migrate({ address, folder: MIGRATIONS_DIR, log: makeRecordingLog() });
  if (!migrated.ok) throw new Error(migrated.problem);
  const log = makeRecordingLog();
  const first = openDatabase({ address, log });
  // The servers of tests answer before they have written anything, which a kill then takes along.
  await first.query({ text: 'ALTER DATABASE postgres SET synchronous_commit = on' });
  await first.close();
  database = openDatabase({ address, log, connectTimeoutMs: 1_000 });
}, 60_000);

afterAll(async () => {
  await database.close();
  await server.remove();
}, 30_000);

beforeEach(() => database.query({ text: 'TRUNCATE sample, tier' }));

const startWriter = () => {
  const log = makeRecordingLog();
  const partitions = makePartitions({ database, clock, keepMs: KEEP });
  const options = { flushMs: 20, maxBatchRows: BATCH_ROWS };
  const writer = makeWriter({ database, partitions, clock, log, keepRawMs: KEEP.raw, options });
  writer.start();
  return { log, writer };
};

/** Children of a postmaster that was killed hold its memory until they notice. */
const startAgain = (): Promise<void> =>
  waitUntil(
    'Postgres starts again',
    () =>
      server.start().then(
        () => true,
        () => false,
      ),
    20_000,
  );

const startTime = Date.now() - 60_000;
const addRows = (writer: Writer, from: number, to: number): void => {
  for (let row = from; row < to; row++) {
    const key = (row % BATCH_ROWS) + 1;
    const takenAt = startTime + Math.floor(row / BATCH_ROWS) * 100;
    writer.add(key, makeReading({ taken_at: takenAt, load1: Math.floor(row / BATCH_ROWS) }));
  }
};

const rowsSchema = z.array(z.object({ batch: z.number(), n: z.number() }));
const countByBatch = async (): Promise<z.infer<typeof rowsSchema>> => {
  const { rows } = await database.query({
    text: 'SELECT load1::int4 AS batch, count(*)::int4 AS n FROM sample GROUP BY 1 ORDER BY 1',
  });
  return rowsSchema.parse(rows);
};

const expectAll = async (batches: number): Promise<void> => {
  expect(await countByBatch()).toEqual(
    Array.from({ length: batches }, (_, batch) => ({ batch, n: BATCH_ROWS })),
  );
};

test('while Postgres is stopped rows wait, and none is lost when it is back', async () => {
  const { log, writer } = startWriter();
  try {
    addRows(writer, 0, BATCH_ROWS);
    await waitUntil('the first rows are written', () => writer.stats().bufferRows === 0);
    await server.stop();
    addRows(writer, BATCH_ROWS, 8 * BATCH_ROWS);
    await waitUntil('the writer waits', () => writer.stats().state === 'waiting');
    await server.start();
    await waitUntil('the rest is written', () => writer.stats().bufferRows === 0, 12_000);
    await waitUntil('the writer says so', () => writer.stats().state === 'writing');
    await expectAll(8);
    expect(log.lines).toEqual([
      'warn: samples wait in memory: Postgres does not take them',
      'info: samples are written again',
    ]);
  } finally {
    await writer.stop(5_000);
  }
}, 30_000);

test('when Postgres is killed in the middle of writing, there is no half of a batch, and nothing is lost', async () => {
  const { writer } = startWriter();
  try {
    for (let round = 0; round < 3; round++) {
      const from = round * 20;
      addRows(writer, from * BATCH_ROWS, (from + 20) * BATCH_ROWS);
      const before = writer.stats().rows.written;
      await waitUntil('it writes', () => writer.stats().rows.written > before);
      await server.kill9();
      // Stopped at what is under way, so that what is there is what the kill has left.
      const written = writer.stats().rows.written;
      expect(written % BATCH_ROWS).toBe(0);
      await startAgain();
      for (const { n } of await countByBatch()) expect(n).toBe(BATCH_ROWS);
      await waitUntil('the rest is written', () => writer.stats().bufferRows === 0, 12_000);
    }
    await expectAll(60);
    expect(writer.stats().rows.dropped).toMatchObject({ overflow: 0, refused: 0, tooOld: 0 });
  } finally {
    await writer.stop(5_000);
  }
}, 60_000);

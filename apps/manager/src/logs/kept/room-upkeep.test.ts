import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LOG_START, makeKeptRow } from '../../../../../test/support/log-lines.ts';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/postgres.ts';
import {
  makeFakeClock,
  makeRecordingLog,
  type FakeClock,
} from '../../../../../test/support/store-reading.ts';
import { makePartitions, type Partitions } from '../../store/partitions.ts';
import { makeRoomUpkeep, type RoomUpkeep } from './room-upkeep.ts';
import { getLogVms } from './sql/get-log-vms.ts';
import { insertKeptLogs } from './sql/insert-kept-logs.ts';
import { upsertLogVms } from './sql/upsert-log-vms.ts';

const HOUR_MS = 3_600_000;
const KEEP = { raw: HOUR_MS, '10s': HOUR_MS, '1m': HOUR_MS, '15m': HOUR_MS, '1h': HOUR_MS };
const LINES = 500;

let test_: TestDatabase;
let clock: FakeClock;
let partitions: Partitions;

beforeAll(async () => {
  test_ = await createTestDatabase();
}, 60_000);
afterAll(() => test_.drop());

/** Four partitions of six hours with so many lines each; the last one is the one of now. */
beforeEach(async () => {
  clock = makeFakeClock(LOG_START);
  const { database } = test_;
  partitions = makePartitions({ database, clock, keepMs: KEEP });
  await partitions.ensure('logs', LOG_START - 18 * HOUR_MS, LOG_START + 6 * HOUR_MS);
  await database.query({ text: 'TRUNCATE kept_log, log_vm' });
  for (const hours of [18, 12, 6, 0]) {
    const timestamp = LOG_START - hours * HOUR_MS;
    const rows = Array.from({ length: LINES }, (_, n) =>
      makeKeptRow(1, n, { timestamp, message: 'x'.repeat(1_000), cursor: `${hours} ${n}` }),
    );
    await insertKeptLogs(database, rows);
  }
});

const makeUpkeep = (roomBytes: number, onNewest = (_bytes: number): void => {}): RoomUpkeep =>
  makeRoomUpkeep({
    database: test_.database,
    partitions,
    roomBytes,
    onNewest,
    clock,
    log: makeRecordingLog(),
  });

const lineCount = async (): Promise<number> =>
  (await test_.database.query({ text: 'SELECT 1 FROM kept_log' })).rowCount;

test('what fits stays', async () => {
  const upkeep = makeUpkeep(1024 ** 3);
  expect(await upkeep.run()).toBe(true);
  expect(await lineCount()).toBe(4 * LINES);
  const { bytes, ...stats } = upkeep.stats();
  expect(bytes).toBeGreaterThan(4 * LINES * 1_000);
  expect(stats).toEqual({
    partitionsDropped: 0,
    bytesDropped: 0,
    failures: 0,
    problem: undefined,
  });
});

test('the oldest go where there is no room, and the newest stays whatever it takes', async () => {
  let newest = 0;
  const first = makeUpkeep(1024 ** 3);
  await first.run();
  const all = first.stats().bytes ?? 0;
  const upkeep = makeUpkeep(all * 0.6);
  await upkeep.run();
  expect(await lineCount()).toBe(2 * LINES);
  expect(upkeep.stats().partitionsDropped).toBe(2);
  const tight = makeUpkeep(1, (bytes) => {
    newest = bytes;
  });
  await tight.run();
  expect(await lineCount()).toBe(LINES);
  expect(newest).toBeGreaterThan(LINES * 1_000);
  expect(tight.stats().bytes).toBe(newest);
});

test('while the oldest is in use, no newer one goes in its place', async () => {
  const first = makeUpkeep(1024 ** 3);
  await first.run();
  const upkeep = makeUpkeep((first.stats().bytes ?? 0) * 0.6);
  const [oldest] = await partitions.list('logs');
  await test_.database.transaction(async (transaction) => {
    await transaction.query({ text: `LOCK TABLE ${oldest?.name} IN ACCESS SHARE MODE` });
    expect(await upkeep.run()).toBe(true);
  });
  expect(await lineCount()).toBe(4 * LINES);
  expect(upkeep.stats().partitionsDropped).toBe(0);
  await upkeep.run();
  expect(await lineCount()).toBe(2 * LINES);
});

test('a VM is forgotten once it is neither registered nor in any line', async () => {
  const { database } = test_;
  const vm = (vmKey: number) => ({
    vmKey,
    vmId: `00000000-0000-4000-8000-00000000000${vmKey}`,
    name: 'x',
    cursor: undefined,
    resumeAfter: undefined,
  });
  await upsertLogVms(database, [vm(1), vm(2), vm(3)]);
  await database.query({
    text: `UPDATE log_vm SET updated_at = now() - interval '2 hours' WHERE vm_key < 3`,
  });
  await makeUpkeep(1024 ** 3).run();
  expect(new Set((await getLogVms(database)).map(({ vmKey }) => vmKey))).toEqual(new Set([1, 3]));
});

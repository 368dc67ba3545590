import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { makeFakeClock, makeReading } from '../../../../test/support/store-reading.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { encodeBatch } from './batch-encoding.ts';
import { ColumnBuffer } from './column-buffer.ts';
import { latenessOf } from './lateness.ts';
import { makePartitions } from './partitions.ts';
import { makeRollUp } from './roll-up.ts';
import { copyMetrics, FIELD_COUNT, ORIGIN_GUEST } from './sample-row.ts';
import { insertSamples } from './sql/insert-samples.ts';
import { lockTiers, rewindTiers } from './sql/rewind-tiers.ts';
import { FLUSH_MS } from './writer.ts';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 10, 20, 12, 30);
const KEEP = {
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

const oneSample = (vmKey: number, ts: number): readonly Buffer[] => {
  const buffer = new ColumnBuffer(1_000);
  const values = new Float64Array(FIELD_COUNT);
  copyMetrics(makeReading({ cpu_usage_percent: 1 }), values);
  buffer.append(vmKey, ts, ORIGIN_GUEST, values);
  return encodeBatch(buffer.take(1, 0, ts), 0, 1);
};

const rowsOf = async (text: string): Promise<readonly unknown[]> => {
  const { rows } = await test_.database.query({ text });
  return rows;
};

test('a late row that is written while the very first roll-up runs is in its result', async () => {
  const { database } = test_;
  const clock = makeFakeClock(START);
  const partitions = makePartitions({ database, clock, keepMs: KEEP });
  const lateness = latenessOf(FLUSH_MS);
  const rollUp = makeRollUp({
    database,
    partitions,
    clock,
    lateness,
    oldestUnwritten: () => undefined,
  });
  const late = START - 600_000;
  await partitions.ensure('raw', late, START);
  await insertSamples(database, oneSample(1, late));

  let isRolledUp = false;
  let rolledUp: Promise<unknown> = Promise.resolve();
  await database.transaction(async (transaction) => {
    await lockTiers(transaction);
    await insertSamples(transaction, oneSample(2, late));
    await rewindTiers(transaction, late);
    rolledUp = rollUp.run(60_000).finally(() => {
      isRolledUp = true;
    });
    await waitUntil('the roll-up waits for the row, or did without', async () => {
      const waiting = await rowsOf(`SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`);
      return isRolledUp || waiting.length > 0;
    });
  });
  await rolledUp;
  expect(await rowsOf('SELECT vm_key FROM roll_10s ORDER BY vm_key')).toEqual([
    { vm_key: 1 },
    { vm_key: 2 },
  ]);
});

import { expect, test } from 'vitest';
import { createTestDatabase } from '../../../../test/support/postgres.ts';
import {
  makeFakeClock,
  makeReading,
  makeRecordingLog,
} from '../../../../test/support/store-reading.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import { makeStore } from './store.ts';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 10, 20, 12, 30);

test('what is added is written and rolled up by itself, and the end leaves nothing behind', async () => {
  const { database, drop } = await createTestDatabase();
  const clock = makeFakeClock(START);
  const log = makeRecordingLog();
  const keepMs = { raw: 6 * HOUR_MS, '10s': HOUR_MS, '1m': HOUR_MS, '15m': HOUR_MS, '1h': HOUR_MS };
  const store = makeStore({ database, clock, log, keepMs, options: { flushMs: 20 } });
  try {
    expect(store.keepMs['1h']).toBe(6 * HOUR_MS);
    store.writer.add(1, makeReading({ taken_at: START - 60_000 }));
    store.start();
    await waitUntil('it is written', () => store.writer.stats().rows.written === 1);
    await waitUntil('it is rolled up', () => store.maintenance.health().tiers.size === 4);
    expect(await store.maintenance.run()).toBe(true);
    const { rows } = await database.query({ text: 'SELECT n FROM roll_10s' });
    expect(rows).toEqual([{ n: 1 }]);
    store.writer.add(1, makeReading({ taken_at: START }));
    await store.stop(5_000);
    expect(store.writer.stats().rows.written).toBe(2);
    expect(log.lines).toEqual([]);
  } finally {
    await store.stop(1_000);
    await drop();
  }
}, 60_000);

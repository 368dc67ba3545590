import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { makeBoots } from './boots.ts';

const FIVE_MINUTES_MS = 5 * 60_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => database.drop());

test('a guest that tells one boot after the other is not believed as often as it likes', async () => {
  let nowMs = 0;
  const boots = makeBoots({ database: database.database, monotonicMs: () => nowMs });
  const saw = (vmId: string, bootId: string): boolean =>
    boots.saw(vmId, { boot_id: bootId, identity: 'verified', reason: null });
  expect(saw('a', 'before it is known what was seen to')).toBe(false);
  await boots.load();
  const first = Array.from({ length: 20 }, (_, index) => saw('a', `boot ${index}`));
  expect(first.filter(Boolean)).toHaveLength(5);
  // Others are none the worse for it.
  expect(saw('b', 'boot')).toBe(true);
  expect(saw('b', 'boot')).toBe(false);
  nowMs += FIVE_MINUTES_MS;
  expect(saw('a', 'boot 19')).toBe(true);
  expect(boots.seen('a')).toBe('boot 19');
  expect(saw('a', 'boot 20')).toBe(false);
  boots.seenTo('a', 'boot 19');
  expect(saw('a', 'boot 19')).toBe(false);
  nowMs += 24 * FIVE_MINUTES_MS;
  const later = Array.from({ length: 20 }, (_, index) => saw('a', `later ${index}`));
  expect(later.filter(Boolean)).toHaveLength(5);
});

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeFolderLock } from '../../scripts/bootstrap/folder-lock.mjs';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'innkeeper-lock-'));
  path = join(folder, 'cache', 'lock');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function take(timeoutMs = 5_000): Promise<() => void> {
  const lock = await takeFolderLock(path, { onWait: () => {}, timeoutMs });
  if (!lock.ok) throw new Error('the lock was not given');
  return lock.release;
}

test('a released lock leaves nothing behind and can be taken again', async () => {
  (await take())();
  expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  (await take())();
});

test('whoever comes second waits, says so once, and gets it after the release', async () => {
  const release = await take();
  let waits = 0;
  let isTaken = false;
  const second = takeFolderLock(path, { onWait: () => (waits += 1), timeoutMs: 5_000 });
  void second.then(() => (isTaken = true));
  await expect.poll(() => waits).toBe(1);
  expect(isTaken).toBe(false);
  release();
  const lock = await second;
  expect(lock.ok).toBe(true);
  expect(waits).toBe(1);
  if (lock.ok) lock.release();
});

test('of many who come at once exactly one holds it at a time', async () => {
  let holders = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const release = await take(10_000);
      holders += 1;
      most = Math.max(most, holders);
      await new Promise((settle) => setImmediate(settle));
      holders -= 1;
      release();
    }),
  );
  expect(most).toBe(1);
});

test('the lock of a process that has died is taken over', async () => {
  mkdirSync(path, { recursive: true });
  // Above the largest process id that Linux gives out.
  writeFileSync(join(path, `99999999@${hostname()}@gone`), '');
  const release = await take();
  expect(readdirSync(path)).toHaveLength(1);
  release();
  expect(existsSync(path)).toBe(false);
});

test('the lock of a living process is waited for until the time is over', async () => {
  const release = await take();
  const second = await takeFolderLock(path, { onWait: () => {}, timeoutMs: 300 });
  expect(second).toEqual({ ok: false });
  release();
});

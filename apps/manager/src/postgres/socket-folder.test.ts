import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeSocketFolder, removeSocketFolder, socketPath } from './socket-folder.ts';

let folder = '';
let temporary = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'innkeeper-socket-'));
  temporary = join(folder, 'tmp');
  mkdirSync(temporary);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('it is beside the database, and only its owner may enter', async () => {
  const made = await makeSocketFolder(join(folder, 'cluster'), temporary, undefined);
  expect(made).toBe(join(folder, 'socket'));
  expect(statSync(made).mode % 0o1000).toBe(0o700);
  expect(await makeSocketFolder(join(folder, 'cluster'), temporary, undefined)).toBe(made);
  await removeSocketFolder(made, temporary);
  expect(readdirSync(folder)).toContain('socket');
});

test('where its path would be too long it is elsewhere, under a name of its own', async () => {
  // In bytes: the letter has two.
  const deep = join(folder, 'ä'.repeat(40));
  mkdirSync(deep);
  const [one, other] = await Promise.all(
    [1, 2].map(async () => makeSocketFolder(join(deep, 'cluster'), temporary, undefined)),
  );
  if (one === undefined || other === undefined) throw new Error('not made');
  expect(one).not.toBe(other);
  for (const made of [one, other]) {
    expect(Buffer.byteLength(socketPath(made))).toBeLessThanOrEqual(107);
    expect(statSync(made).mode % 0o1000).toBe(0o700);
    await removeSocketFolder(made, temporary);
  }
  expect(readdirSync(temporary)).toStrictEqual([]);
});

test('nothing else is ever removed', async () => {
  for (const path of [folder, temporary, join(folder, 'innkeeper-postgres-x')]) {
    mkdirSync(path, { recursive: true });
    await removeSocketFolder(path, temporary);
    expect(statSync(path).isDirectory()).toBe(true);
  }
});

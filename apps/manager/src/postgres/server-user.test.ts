import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findServerUser, parsePasswd } from './server-user.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'innkeeper-user-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const passwd = (...lines: readonly string[]): string => {
  const path = join(folder, 'passwd');
  writeFileSync(path, ['root:x:0:0:root:/root:/bin/sh', ...lines, 'broken', ''].join('\n'));
  return path;
};
const POSTGRES = 'postgres:x:101:104:PostgreSQL:/var/lib/postgresql:/bin/bash';
const NOBODY = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin';

test('lines that are no users are passed over', () => {
  expect(parsePasswd(`#\n+\n\n${NOBODY}\na:b\n`)).toStrictEqual([
    { name: 'nobody', uid: 65_534, gid: 65_534 },
  ]);
});

test.each([
  ['postgres where there is one', [NOBODY, POSTGRES], { name: 'postgres', uid: 101, gid: 104 }],
  ['nobody otherwise', [NOBODY], { name: 'nobody', uid: 65_534, gid: 65_534 }],
])('root runs it as %s', async (_, lines, user) => {
  const found = await findServerUser({ uid: 0 }, join(folder, 'cluster'), passwd(...lines));
  expect(found).toStrictEqual({ ok: true, user });
});

test('root on a machine with neither is a sentence', async () => {
  const found = await findServerUser({ uid: 0 }, join(folder, 'cluster'), passwd());
  expect(found).toHaveProperty('problem', expect.stringContaining('DATABASE_URL'));
});

test('anybody else runs it as themselves', async () => {
  const found = await findServerUser({ uid: 1_000 }, join(folder, 'cluster'), '/nowhere');
  expect(found).toStrictEqual({ ok: true, user: undefined });
});

test("anybody else's database is a sentence", async () => {
  mkdirSync(join(folder, 'cluster'));
  const me = process.getuid?.() ?? 0;
  const found = await findServerUser({ uid: me + 1 }, join(folder, 'cluster'), passwd(POSTGRES));
  expect(found).toHaveProperty('problem', expect.stringContaining(`belongs to user ${me}`));
});

import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeAdminTokenFile } from './admin-token-file.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'innkeeper-admin-token-'));
  path = join(folder, 'admin-token');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('only its owner can read the file, and nothing else is left', async () => {
  await writeAdminTokenFile(path, 'ik_secret');
  expect(await readFile(path, 'utf8')).toBe('ik_secret\n');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['admin-token']);
});

test('a file that everybody could read is replaced', async () => {
  await writeFile(path, 'old', { mode: 0o644 });
  await writeAdminTokenFile(path, 'ik_secret');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('a link in its place is replaced, not followed', async () => {
  const elsewhere = join(folder, 'elsewhere');
  await writeFile(elsewhere, 'theirs');
  await symlink(elsewhere, path);
  await writeAdminTokenFile(path, 'ik_secret');
  expect(await readFile(elsewhere, 'utf8')).toBe('theirs');
  expect(await readFile(path, 'utf8')).toBe('ik_secret\n');
});

test('what cannot be written is an error, and leaves nothing behind', async () => {
  await mkdir(path);
  await expect(writeAdminTokenFile(path, 'ik_secret')).rejects.toThrow(/EISDIR|EEXIST|ENOTEMPTY/u);
  expect(await readdir(folder)).toEqual(['admin-token']);
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureFirstAdminToken } from './first-admin-token.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'admin-token-'));
  path = join(folder, 'admin-token');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A table of tokens with at most one. */
const makeTable = (token?: string) => {
  const table = { token };
  return {
    table,
    createFirstToken: async (secret: string | undefined) => {
      if (table.token !== undefined || secret === undefined) return { created: false } as const;
      table.token = secret;
      return Promise.resolve({ created: true, secret } as const);
    },
  };
};
const written = (): string => readFileSync(path, 'utf8').trim();

test('the first start makes a secret, and the file has it', async () => {
  const { table, createFirstToken } = makeTable();
  await ensureFirstAdminToken({ path, wanted: undefined, createFirstToken });
  expect(table.token).toMatch(/^ik_[\w-]{43}$/u);
  expect(written()).toBe(table.token);
});

test('a manager that was killed before the token was stored goes on with the same secret', async () => {
  const killed = async (): Promise<never> => Promise.reject(new Error('killed'));
  await expect(
    ensureFirstAdminToken({ path, wanted: undefined, createFirstToken: killed }),
  ).rejects.toThrow('killed');
  const secret = written();
  const { table, createFirstToken } = makeTable();
  await ensureFirstAdminToken({ path, wanted: undefined, createFirstToken });
  expect(table.token).toBe(secret);
  expect(written()).toBe(secret);
});

test('the secret of the setting is what counts, also over a file of before', async () => {
  writeFileSync(path, 'ik_old\n');
  const { table, createFirstToken } = makeTable();
  await ensureFirstAdminToken({ path, wanted: 'ik_wanted', createFirstToken });
  expect(table.token).toBe('ik_wanted');
  expect(written()).toBe('ik_wanted');
});

test('where there are tokens, a file that was taken away does not come back', async () => {
  const { createFirstToken } = makeTable('ik_there');
  await ensureFirstAdminToken({ path, wanted: undefined, createFirstToken });
  expect(existsSync(path)).toBe(false);
});

test('where there are tokens, the file stays as it is', async () => {
  writeFileSync(path, 'ik_there\n');
  const { createFirstToken } = makeTable('ik_there');
  await ensureFirstAdminToken({ path, wanted: 'ik_other', createFirstToken });
  expect(written()).toBe('ik_there');
});

import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.ts';
import { openDatabase } from '../database/pool.ts';
import { loadManagerKeys } from './manager-key.ts';
import { insertManagerKey } from './sql/insert-manager-key.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  await db.database.query({ text: 'DELETE FROM manager_key' });
});
afterAll(async () => db.drop());

const newPair = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
  };
};

const addKey = async (minutesAgo: number, retired = false): Promise<string> => {
  const pair = newPair();
  await insertManagerKey(db.database, pair);
  await db.database.query({
    text: `UPDATE manager_key SET created_at = now() - $2::int * interval '1 minute',
           retired_at = CASE WHEN $3::boolean THEN now() END WHERE public_key = $1::bytea`,
    values: [pair.publicKey, minutesAgo, retired],
  });
  return pair.publicKey.toString('base64');
};

describe("the manager's key", () => {
  test('is made at the first start, and is the same at the next', async () => {
    const first = await loadManagerKeys(db.database);
    const second = await loadManagerKeys(db.database);
    expect(first.publicKeys).toHaveLength(1);
    expect(second.publicKeys).toEqual(first.publicKeys);
    expect(second.signingKey.equals(first.signingKey)).toBe(true);
  });

  test('is told in base64 of its 32 bytes, as agents take it', async () => {
    const { publicKeys, signingKey } = await loadManagerKeys(db.database);
    const { x } = createPublicKey(signingKey).export({ format: 'jwk' });
    expect(Buffer.from(publicKeys[0] ?? '', 'base64')).toEqual(Buffer.from(x ?? '', 'base64url'));
  });

  test('is one for all managers that start for the first time at once', async () => {
    const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const managers = Array.from({ length: 5 }, () =>
      openDatabase({ address: { url: db.url }, log: silent }),
    );
    try {
      const loaded = await Promise.all(managers.map(async (one) => loadManagerKeys(one)));
      expect(new Set(loaded.map(({ publicKeys }) => publicKeys.join())).size).toBe(1);
      const { rowCount } = await db.database.query({ text: 'SELECT id FROM manager_key' });
      expect(rowCount).toBe(1);
    } finally {
      await Promise.all(managers.map(async (one) => one.close()));
    }
  });

  test('may have a successor: the newest signs, agents know both, and a retired one is gone', async () => {
    const older = await addKey(60);
    await addKey(10, true);
    const newer = await addKey(5);
    const { publicKeys, signingKey } = await loadManagerKeys(db.database);
    expect(publicKeys).toEqual([newer, older]);
    const raw = createPublicKey(signingKey).export({ format: 'der', type: 'spki' }).subarray(-32);
    expect(raw.toString('base64')).toBe(newer);
  });

  test('whose halves do not belong together is not used', async () => {
    await insertManagerKey(db.database, { ...newPair(), publicKey: randomBytes(32) });
    await expect(loadManagerKeys(db.database)).rejects.toThrow(/no Ed25519 pair/u);
  });
});

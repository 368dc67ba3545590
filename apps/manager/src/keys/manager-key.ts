/**
 * The manager's Ed25519 keys (RFC 8032), by which agents know it. Made at the first start and kept in
 * Postgres, so that every manager on one database is the same to the guests. Two may be active; the
 * newest signs.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import type { Database } from '../database/database.ts';
import { insertManagerKey } from './sql/insert-manager-key.ts';
import { listActiveManagerKeys, type ManagerKeyRow } from './sql/list-active-manager-keys.ts';
import { lockManagerKeys } from './sql/lock-manager-keys.ts';

export interface ManagerKeys {
  /** The newest. Never leaves the process. */
  readonly signingKey: KeyObject;
  /** The public halves, newest first, in base64 of the 32 bytes: the agent's `manager_keys`. */
  readonly publicKeys: readonly string[];
}

const RAW_BYTES = 32;

const rawPublicKey = (key: KeyObject): Buffer =>
  key.export({ format: 'der', type: 'spki' }).subarray(-RAW_BYTES);

const signingKeyOf = (row: ManagerKeyRow): KeyObject => {
  const key = createPrivateKey({ key: row.privateKey, format: 'der', type: 'pkcs8' });
  const isSound =
    key.asymmetricKeyType === 'ed25519' && rawPublicKey(createPublicKey(key)).equals(row.publicKey);
  if (!isSound) throw new Error(`manager_key ${row.id}: the two halves are no Ed25519 pair`);
  return key;
};

const fromRows = (rows: readonly ManagerKeyRow[]): ManagerKeys | undefined => {
  const [newest] = rows;
  if (newest === undefined) return undefined;
  return {
    signingKey: signingKeyOf(newest),
    publicKeys: rows.map(({ publicKey }) => publicKey.toString('base64')),
  };
};

/** Several managers may start at once on an empty database: they agree on the key of one of them. */
export const loadManagerKeys = async (database: Database): Promise<ManagerKeys> => {
  const existing = fromRows(await listActiveManagerKeys(database));
  if (existing !== undefined) return existing;
  return database.transaction(async (transaction) => {
    await lockManagerKeys(transaction);
    const others = fromRows(await listActiveManagerKeys(transaction));
    if (others !== undefined) return others;
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const raw = rawPublicKey(publicKey);
    await insertManagerKey(transaction, {
      privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
      publicKey: raw,
    });
    return { signingKey: privateKey, publicKeys: [raw.toString('base64')] };
  });
};

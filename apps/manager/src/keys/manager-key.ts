/**
 * The manager's Ed25519 keys (RFC 8032), by which agents know it. Made at the first start and kept in
 * Postgres, so that every manager on one database is the same to the guests. Two may be active; the
 * newest that is more than announced signs: see keyring.ts.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import type { Database, Queryable } from '../database/database.ts';
import { insertManagerKey } from './sql/insert-manager-key.ts';
import { listActiveManagerKeys, type ManagerKeyRow } from './sql/list-active-manager-keys.ts';
import { lockManagerKeys } from './sql/lock-manager-keys.ts';

export interface ManagerKeys {
  /** Never leaves the process. */
  readonly signingKey: KeyObject;
  /** The public halves, the one that signs first, in base64 of the 32 bytes: the agent's `manager_keys`. */
  readonly publicKeys: readonly string[];
  /** One of them, which signs nothing yet. */
  readonly announced: string | undefined;
}

const RAW_BYTES = 32;

export const rawPublicKey = (key: KeyObject): Buffer =>
  key.export({ format: 'der', type: 'spki' }).subarray(-RAW_BYTES);

const signingKeyOf = (row: ManagerKeyRow): KeyObject => {
  const key = createPrivateKey({ key: row.privateKey, format: 'der', type: 'pkcs8' });
  const isSound =
    key.asymmetricKeyType === 'ed25519' && rawPublicKey(createPublicKey(key)).equals(row.publicKey);
  if (!isSound) throw new Error(`manager_key ${row.id}: the two halves are no Ed25519 pair`);
  return key;
};

const fromRows = (rows: readonly ManagerKeyRow[]): ManagerKeys | undefined => {
  const [first] = rows;
  if (first === undefined) return undefined;
  const announced = rows.find(({ isAnnounced }) => isAnnounced);
  return {
    signingKey: signingKeyOf(first),
    announced: announced?.publicKey.toString('base64'),
    publicKeys: rows.map(({ publicKey }) => publicKey.toString('base64')),
  };
};

export const readManagerKeys = async (database: Queryable): Promise<ManagerKeys | undefined> =>
  fromRows(await listActiveManagerKeys(database));

/** Several managers may start at once on an empty database: they agree on the key of one of them. */
export const loadManagerKeys = async (database: Database): Promise<ManagerKeys> => {
  const existing = await readManagerKeys(database);
  if (existing !== undefined) return existing;
  return database.transaction(async (transaction) => {
    await lockManagerKeys(transaction);
    const others = await readManagerKeys(transaction);
    if (others !== undefined) return others;
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const raw = rawPublicKey(publicKey);
    await insertManagerKey(transaction, {
      privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
      publicKey: raw,
    });
    return {
      signingKey: privateKey,
      publicKeys: [raw.toString('base64')],
      announced: undefined,
    };
  });
};

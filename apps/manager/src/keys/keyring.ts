/**
 * The manager's keys while they change. A new key is announced first: agents are told of it by the
 * old one, which goes on signing. When they know it, it signs, and the old one counts no more.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Database, Queryable } from '../database/database.ts';
import { loadManagerKeys, rawPublicKey, readManagerKeys, type ManagerKeys } from './manager-key.ts';
import { insertManagerKey } from './sql/insert-manager-key.ts';
import { lockManagerKeys } from './sql/lock-manager-keys.ts';
import { promoteManagerKey } from './sql/promote-manager-key.ts';

export interface Keyring {
  /** Never leaves the process. */
  signingKey(): KeyObject;
  /** What agents are to know, the one that signs first: base64 of the 32 bytes. */
  publicKeys(): readonly string[];
  /** Agents are told of it, and it signs nothing yet. */
  announced(): string | undefined;
  /** With what is to be written in the same transaction; false: one is announced already. */
  announce(also: (transaction: Queryable, publicKey: string) => Promise<void>): Promise<boolean>;
  /** The announced one signs from now on, and is the only one; false: there is none. */
  complete(also: (transaction: Queryable, publicKey: string) => Promise<void>): Promise<boolean>;
}

export const openKeyring = async (database: Database): Promise<Keyring> => {
  let keys: ManagerKeys = await loadManagerKeys(database);

  /** Within the transaction: several managers may have one database. */
  const change = async (
    work: (transaction: Queryable, known: ManagerKeys) => Promise<boolean>,
  ): Promise<boolean> => {
    const changed = await database.transaction(async (transaction) => {
      await lockManagerKeys(transaction);
      return work(transaction, (await readManagerKeys(transaction)) ?? keys);
    });
    keys = await loadManagerKeys(database);
    return changed;
  };

  return {
    signingKey: () => keys.signingKey,
    publicKeys: () => keys.publicKeys,
    announced: () => keys.announced,
    announce: async (also) =>
      change(async (transaction, known) => {
        // Agents know two at most.
        if (known.publicKeys.length > 1) return false;
        const { publicKey, privateKey } = generateKeyPairSync('ed25519');
        const raw = rawPublicKey(publicKey);
        await insertManagerKey(transaction, {
          privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
          publicKey: raw,
          isAnnounced: true,
        });
        await also(transaction, raw.toString('base64'));
        return true;
      }),
    complete: async (also) =>
      change(async (transaction, known) => {
        if (known.announced === undefined) return false;
        await promoteManagerKey(transaction, Buffer.from(known.announced, 'base64'));
        await also(transaction, known.announced);
        return true;
      }),
  };
};

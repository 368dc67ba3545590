/** Keeps a new key pair. */
import type { Queryable } from '../../database/database.ts';

export const insertManagerKey = async (
  database: Queryable,
  key: {
    readonly privateKey: Buffer;
    readonly publicKey: Buffer;
    /** Agents are told of it, and it signs nothing yet. */
    readonly isAnnounced?: boolean;
  },
): Promise<void> => {
  await database.query({
    name: 'insert_manager_key',
    text: `
      INSERT INTO manager_key (private_key, public_key, signs_from)
      VALUES ($1::bytea, $2::bytea, CASE WHEN $3::boolean THEN NULL ELSE now() END)`,
    values: [key.privateKey, key.publicKey, key.isAnnounced === true],
  });
};

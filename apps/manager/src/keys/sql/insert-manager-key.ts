/** Keeps a new key pair. */
import type { Queryable } from '../../database/database.ts';

export const insertManagerKey = async (
  database: Queryable,
  key: { readonly privateKey: Buffer; readonly publicKey: Buffer },
): Promise<void> => {
  await database.query({
    name: 'insert_manager_key',
    text: `
      INSERT INTO manager_key (private_key, public_key)
      VALUES ($1::bytea, $2::bytea)`,
    values: [key.privateKey, key.publicKey],
  });
};

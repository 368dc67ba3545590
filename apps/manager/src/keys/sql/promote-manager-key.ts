/** The announced key signs from now on; all others are retired. */
import type { Queryable } from '../../database/database.ts';

export const promoteManagerKey = async (
  transaction: Queryable,
  publicKey: Buffer,
): Promise<void> => {
  await transaction.query({
    name: 'promote_manager_key',
    text: `
      UPDATE manager_key SET
        signs_from = CASE WHEN public_key = $1::bytea THEN now() ELSE signs_from END,
        retired_at = CASE WHEN public_key = $1::bytea THEN NULL ELSE now() END
      WHERE retired_at IS NULL`,
    values: [publicKey],
  });
};

/** Notes whose key was enrolled with a token. */
import type { Queryable } from '../../database/database.ts';

export const useToken = async (
  database: Queryable,
  id: string,
  publicKey: Buffer,
  nowMs: number,
): Promise<void> => {
  await database.query({
    name: 'use-enrollment-token',
    text: `UPDATE enrollment_token SET used_at = to_timestamp($3::float8 / 1000), used_by = $2::bytea
      WHERE id = $1::text`,
    values: [id, publicKey, nowMs],
  });
};

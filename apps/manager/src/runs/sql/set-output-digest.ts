/** Writes the digest of an execution's output. */
import type { Queryable } from '../../database/database.ts';

export const setOutputDigest = async (
  queryable: Queryable,
  key: number,
  digest: Buffer,
): Promise<void> => {
  await queryable.query({
    name: 'set_output_digest',
    text: 'UPDATE execution SET output_digest = $2::bytea WHERE key = $1::bigint',
    values: [key, digest],
  });
};

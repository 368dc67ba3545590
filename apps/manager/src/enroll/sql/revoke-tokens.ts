/** Makes all tokens of a VM or host useless that nobody has used; how many there were. */
import type { Queryable } from '../../database/database.ts';

export const revokeTokens = async (
  database: Queryable,
  subjectId: string,
  nowMs: number,
): Promise<number> => {
  const { rowCount } = await database.query({
    name: 'revoke-enrollment-tokens',
    text: `UPDATE enrollment_token SET revoked_at = to_timestamp($2::float8 / 1000)
      WHERE (vm_id = $1::uuid OR host_id = $1::uuid) AND used_at IS NULL AND revoked_at IS NULL`,
    values: [subjectId, nowMs],
  });
  return rowCount;
};

/** Notes when the agent of a waiting token was first downloaded; whether this was the first time. */
import type { Queryable } from '../../database/database.ts';

export const noteDownload = async (
  database: Queryable,
  tokenId: string,
  nowMs: number,
): Promise<boolean> => {
  const { rowCount } = await database.query({
    name: 'note-enrollment-download',
    text: `UPDATE enrollment_token SET downloaded_at = to_timestamp($2::float8 / 1000)
      WHERE id = $1::text AND downloaded_at IS NULL AND used_at IS NULL AND revoked_at IS NULL`,
    values: [tokenId, nowMs],
  });
  return rowCount > 0;
};

/** The token of a VM or host that was made last. */
import type { Queryable } from '../../database/database.ts';
import { parseTokenRow, TOKEN_COLUMNS, type TokenRow } from './token-row.ts';

export const getNewestToken = async (
  database: Queryable,
  subjectId: string,
): Promise<TokenRow | undefined> => {
  const { rows } = await database.query({
    name: 'get-newest-enrollment-token',
    text: `SELECT ${TOKEN_COLUMNS} FROM enrollment_token
      WHERE vm_id = $1::uuid OR host_id = $1::uuid
      ORDER BY created_at DESC, id LIMIT 1`,
    values: [subjectId],
  });
  return rows.length === 0 ? undefined : parseTokenRow(rows[0]);
};

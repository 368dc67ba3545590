/** The token with this id, in a transaction locked until its end: nobody else uses it meanwhile. */
import type { Queryable } from '../../database/database.ts';
import { parseTokenRow, TOKEN_COLUMNS, type TokenRow } from './token-row.ts';

export const getToken = async (database: Queryable, id: string): Promise<TokenRow | undefined> => {
  const { rows } = await database.query({
    name: 'get-enrollment-token',
    text: `SELECT ${TOKEN_COLUMNS} FROM enrollment_token WHERE id = $1::text FOR UPDATE`,
    values: [id],
  });
  return rows.length === 0 ? undefined : parseTokenRow(rows[0]);
};

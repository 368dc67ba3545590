/** Adds a session, unless its token has been revoked meanwhile. */
import type { Role } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';

export interface NewSession {
  readonly id: string;
  readonly hash: Buffer;
  readonly csrfToken: string;
  readonly tokenId: string | undefined;
  readonly name: string;
  readonly role: Role;
  readonly scope: string | undefined;
  readonly createdAt: number;
  readonly expiresAt: number;
}

const TEXT = `
  INSERT INTO session
    (id, hash, csrf_token, token_id, name, role, scope, created_at, expires_at, last_used_at)
  SELECT $1::uuid, $2::bytea, $3::text, $4::uuid, $5::text, $6::text, $7::text,
    to_timestamp($8::float8 / 1000), to_timestamp($9::float8 / 1000),
    to_timestamp($8::float8 / 1000)
  WHERE $4::uuid IS NULL
    OR EXISTS (SELECT FROM token WHERE id = $4::uuid FOR KEY SHARE)`;

export const insertSession = async (
  queryable: Queryable,
  session: NewSession,
): Promise<boolean> => {
  const { id, hash, csrfToken, tokenId, name, role, scope, createdAt, expiresAt } = session;
  const { rowCount } = await queryable.query({
    name: 'insert_session',
    text: TEXT,
    values: [id, hash, csrfToken, tokenId ?? null, name, role, scope ?? null, createdAt, expiresAt],
  });
  return rowCount === 1;
};

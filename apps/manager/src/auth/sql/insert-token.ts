/** Adds a token. */
import type { Role } from '@innkeeper/protocol';
import type { Queryable } from '../../database/database.ts';

export interface NewToken {
  readonly id: string;
  readonly name: string;
  readonly hash: Buffer;
  readonly role: Role;
  readonly scope: string | undefined;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
}

const TEXT = `
  INSERT INTO token (id, name, hash, role, scope, created_at, expires_at)
  VALUES ($1::uuid, $2::text, $3::bytea, $4::text, $5::text,
    to_timestamp($6::float8 / 1000), to_timestamp($7::float8 / 1000))`;

export const insertToken = async (queryable: Queryable, token: NewToken): Promise<void> => {
  const { id, name, hash, role, scope, createdAt, expiresAt } = token;
  await queryable.query({
    name: 'insert_token',
    text: TEXT,
    values: [id, name, hash, role, scope ?? null, createdAt, expiresAt ?? null],
  });
};

/** Keeps a new token, of which only the hash is known from then on. */
import type { Queryable } from '../../database/database.ts';

export interface TokenToInsert {
  readonly id: string;
  readonly hash: Buffer;
  /** One of the two. */
  readonly vmId: string | undefined;
  readonly hostId: string | undefined;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export const insertToken = async (database: Queryable, token: TokenToInsert): Promise<void> => {
  const { id, hash, vmId, hostId, createdAt, expiresAt } = token;
  await database.query({
    name: 'insert-enrollment-token',
    text: `INSERT INTO enrollment_token (id, hash, vm_id, host_id, created_at, expires_at)
      VALUES ($1::text, $2::bytea, $3::uuid, $4::uuid,
        to_timestamp($5::float8 / 1000), to_timestamp($6::float8 / 1000))`,
    values: [id, hash, vmId ?? null, hostId ?? null, createdAt, expiresAt],
  });
};

/** Reads all tokens. */
import { roleSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  SELECT id, name, encode(hash, 'hex') AS hash, role, scope,
    round(extract(epoch FROM created_at) * 1000)::float8 AS created_at_ms,
    round(extract(epoch FROM expires_at) * 1000)::float8 AS expires_at_ms,
    round(extract(epoch FROM last_used_at) * 1000)::float8 AS last_used_at_ms
  FROM token
  ORDER BY created_at, id`;

const rowSchema = z.object({
  id: z.string(),
  name: z.string(),
  hash: z.string(),
  role: roleSchema,
  scope: z.string().nullable(),
  created_at_ms: z.number(),
  expires_at_ms: z.number().nullable(),
  last_used_at_ms: z.number().nullable(),
});
export type TokenRow = z.infer<typeof rowSchema>;

export const getTokens = async (queryable: Queryable): Promise<TokenRow[]> => {
  const { rows } = await queryable.query({ name: 'get_tokens', text: TEXT });
  return z.array(rowSchema).parse(rows);
};

/** Reads all sessions. */
import { roleSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

const TEXT = `
  SELECT id, encode(hash, 'hex') AS hash, csrf_token, token_id, name, role, scope,
    round(extract(epoch FROM created_at) * 1000)::float8 AS created_at_ms,
    round(extract(epoch FROM expires_at) * 1000)::float8 AS expires_at_ms,
    round(extract(epoch FROM last_used_at) * 1000)::float8 AS last_used_at_ms
  FROM session`;

const rowSchema = z.object({
  id: z.string(),
  hash: z.string(),
  csrf_token: z.string(),
  token_id: z.string().nullable(),
  name: z.string(),
  role: roleSchema,
  scope: z.string().nullable(),
  created_at_ms: z.number(),
  expires_at_ms: z.number(),
  last_used_at_ms: z.number(),
});
export type SessionRow = z.infer<typeof rowSchema>;

export const getSessions = async (queryable: Queryable): Promise<SessionRow[]> => {
  const { rows } = await queryable.query({ name: 'get_sessions', text: TEXT });
  return z.array(rowSchema).parse(rows);
};

/** Reads a page of the audit, newest first. */
import { z } from 'zod';
import type { Queryable } from '../../database/database.ts';

export interface AuditFilter {
  readonly targetKind: string | undefined;
  readonly targetId: string | undefined;
  readonly action: string | undefined;
  /** Only rows before this one. */
  readonly beforeId: string | undefined;
  readonly limit: number;
}

// `id` alone would be the text of the list above, in whose order 9 comes after 10.
const TEXT = `
  SELECT id::text AS id,
    round(extract(epoch FROM at) * 1000)::float8 AS at_ms,
    actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, detail,
    request_id, remote_address
  FROM audit
  WHERE ($1::text IS NULL OR target_kind = $1::text)
    AND ($2::text IS NULL OR target_id = $2::text)
    AND ($3::text IS NULL OR action = $3::text)
    AND ($4::bigint IS NULL OR id < $4::bigint)
  ORDER BY audit.id DESC
  LIMIT $5::int`;

const rowSchema = z.object({
  id: z.string(),
  at_ms: z.number(),
  actor_kind: z.enum(['token', 'session', 'system']),
  actor_id: z.string().nullable(),
  actor_name: z.string(),
  action: z.string(),
  target_kind: z.string().nullable(),
  target_id: z.string().nullable(),
  target_name: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
  request_id: z.string().nullable(),
  remote_address: z.string().nullable(),
});
export type AuditRow = z.infer<typeof rowSchema>;

export const getAudit = async (
  queryable: Queryable,
  { targetKind, targetId, action, beforeId, limit }: AuditFilter,
): Promise<AuditRow[]> => {
  const { rows } = await queryable.query({
    name: 'get_audit',
    text: TEXT,
    values: [targetKind ?? null, targetId ?? null, action ?? null, beforeId ?? null, limit],
  });
  return z.array(rowSchema).parse(rows);
};

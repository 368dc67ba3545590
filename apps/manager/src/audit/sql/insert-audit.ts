/** Adds one row to the audit. */
import type { Queryable } from '../../database/database.ts';
import type { AuditRecord } from '../audit.ts';

const TEXT = `
  INSERT INTO audit
    (actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, detail,
     request_id, remote_address)
  VALUES
    ($1::text, $2::uuid, $3::text, $4::text, $5::text, $6::text, $7::text, $8::jsonb,
     $9::text, $10::text)`;

export const insertAudit = async (
  queryable: Queryable,
  { actor, action, target, detail, request }: AuditRecord,
): Promise<void> => {
  await queryable.query({
    name: 'insert_audit',
    text: TEXT,
    values: [
      actor?.kind ?? 'system',
      actor?.id ?? null,
      actor?.name ?? 'manager',
      action,
      target?.kind ?? null,
      target?.id ?? null,
      target?.name ?? null,
      JSON.stringify(detail),
      request?.requestId ?? null,
      request?.remoteAddress ?? null,
    ],
  });
};

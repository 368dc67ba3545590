/** `GET /v1/audit`: who changed what. */
import { auditEntrySchema, MAX_PAGE, pageOf, type AuditEntry } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../database/database.ts';
import { defineRoute } from '../http/define-route.ts';
import { cursorDescription, limitUpTo } from '../http/query-count.ts';
import { nothing, type AnyRoute } from '../http/route.ts';
import { storable } from '../vms/storable-text.ts';
import { getAudit, type AuditRow } from './sql/get-audit.ts';

const DEFAULT_PAGE = 100;

const wordSchema = storable(z.string().min(1).max(128));

const querySchema = z.strictObject({
  target_kind: wordSchema.optional().describe('vm, host, token or session'),
  target_id: wordSchema.optional(),
  action: wordSchema.optional().describe('such as vm.create'),
  /** The id of the last entry that was seen; 18 digits always fit a bigint. */
  cursor: z
    .string()
    .regex(/^\d{1,18}$/u, 'must be the next_cursor of the page before')
    .optional()
    .describe(cursorDescription),
  limit: limitUpTo(MAX_PAGE, DEFAULT_PAGE),
});

const toEntry = (row: AuditRow): AuditEntry => ({
  id: row.id,
  at: row.at_ms,
  actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
  action: row.action,
  target:
    row.target_kind === null || row.target_id === null
      ? null
      : { kind: row.target_kind, id: row.target_id, name: row.target_name },
  detail: row.detail,
  request_id: row.request_id,
  remote_address: row.remote_address,
});

export const makeAuditRoutes = (database: Queryable): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/v1/audit',
    tag: 'Access',
    summary: 'Lists what was changed and by whom, newest first',
    access: { action: 'audit.read' },
    params: nothing,
    query: querySchema,
    body: nothing,
    answers: { 200: { description: 'A page of entries', schema: pageOf(auditEntrySchema) } },
    handle: async ({ query }) => {
      const rows = await getAudit(database, {
        targetKind: query.target_kind,
        targetId: query.target_id,
        action: query.action,
        beforeId: query.cursor,
        // One more than asked for tells whether there is a next page.
        limit: query.limit + 1,
      });
      const shown = rows.slice(0, query.limit);
      const last = rows.length > query.limit ? shown.at(-1) : undefined;
      return {
        ok: true,
        status: 200,
        body: { items: shown.map(toEntry), next_cursor: last?.id ?? null },
      };
    },
  }),
];

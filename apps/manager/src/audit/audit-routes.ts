/** `GET /v1/audit`, and `/v1/audit/download`: who changed what. */
import { auditEntrySchema, MAX_PAGE, pageOf, type AuditEntry } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Queryable } from '../database/database.ts';
import { defineRoute } from '../http/define-route.ts';
import { cursorDescription, limitUpTo } from '../http/query-count.ts';
import { nothing, type AnswerOut, type AnyRoute } from '../http/route.ts';
import { storable } from '../vms/storable-text.ts';
import { csvHeader, csvIncomplete, csvRow } from './audit-text.ts';
import { getAudit, type AuditRow } from './sql/get-audit.ts';

const DEFAULT_PAGE = 100;

const wordSchema = storable(z.string().min(1).max(128));

const filterFields = {
  target_kind: wordSchema.optional().describe('vm, host, run, token or session'),
  target_id: wordSchema.optional(),
  action: wordSchema.optional().describe('such as vm.create'),
};

const querySchema = z.strictObject({
  ...filterFields,
  /** The id of the last entry that was seen; 18 digits always fit a bigint. */
  cursor: z
    .string()
    .regex(/^\d{1,18}$/u, 'must be the next_cursor of the page before')
    .optional()
    .describe(cursorDescription),
  limit: limitUpTo(MAX_PAGE, DEFAULT_PAGE),
});

const downloadSchema = z.strictObject({
  ...filterFields,
  format: z
    .enum(['csv', 'ndjson'], { error: 'must be csv or ndjson' })
    .default('ndjson')
    .describe('csv: with a header; ndjson: one JSON object per line'),
});
type Download = z.infer<typeof downloadSchema>;

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

const CONTENT_TYPES: Readonly<Record<Download['format'], string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

const ndjson = (value: object): string => `${JSON.stringify(value)}\n`;

/** Page by page, so that it takes no more memory however much there is. */
const sendAll = async (database: Queryable, query: Download, out: AnswerOut): Promise<void> => {
  const isCsv = query.format === 'csv';
  const end = async (reason: string | null): Promise<void> => {
    if (isCsv) await out.write(reason === null ? '' : csvIncomplete(reason));
    else await out.write(ndjson({ trailer: true, complete: reason === null, reason }));
  };
  if (isCsv) await out.write(csvHeader());
  for (let beforeId: string | undefined; ;) {
    if (out.signal.aborted) return end(String(out.signal.reason));
    const rows = await getAudit(database, {
      targetKind: query.target_kind,
      targetId: query.target_id,
      action: query.action,
      beforeId,
      limit: MAX_PAGE,
    });
    await out.write(
      rows
        .map(toEntry)
        .map(isCsv ? csvRow : ndjson)
        .join(''),
    );
    if (rows.length < MAX_PAGE) return end(null);
    beforeId = rows.at(-1)?.id;
  }
};

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
  defineRoute({
    method: 'get',
    path: '/v1/audit/download',
    tag: 'Access',
    summary: 'All of it, or all that fits, newest first, as a file',
    access: { action: 'audit.read' },
    params: nothing,
    query: downloadSchema,
    body: nothing,
    answers: {
      200: {
        description:
          'ndjson: an AuditEntry per line, then {"trailer":true,"complete":…}; csv: a row each',
        schema: z.string(),
        contentType: 'text/csv',
      },
    },
    isStream: true,
    handle: async ({ query }) => ({
      ok: true,
      contentType: CONTENT_TYPES[query.format],
      headers: { 'content-disposition': `attachment; filename="audit.${query.format}"` },
      stream: async (out) => sendAll(database, query, out),
    }),
  }),
];

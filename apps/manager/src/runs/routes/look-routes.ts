/** `GET /v1/runs` and `GET /v1/runs/:id`. */
import {
  MAX_PAGE,
  pageOf,
  runSchema,
  runStateSchema,
  runSummarySchema,
  type RunState,
  type RunSummary,
} from '@innkeeper/protocol';
import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import { defineRoute } from '../../http/define-route.ts';
import { cursorDescription, limitUpTo } from '../../http/query-count.ts';
import { idParams, nothing, type AnyRoute } from '../../http/route.ts';
import { storable } from '../../vms/storable-text.ts';
import { presentRun } from '../present-run.ts';
import type { RunAccess } from '../run-access.ts';
import type { RunQuestions } from '../run-questions.ts';
import { listRuns, type RunListRow } from '../sql/list-runs.ts';
import { RUN_PROBLEMS, tag } from './run-params.ts';

const DEFAULT_PAGE = 50;
const MAX_SEARCH = 128;
const uuid = z.uuid({ error: 'must be a UUID' }).toLowerCase();
const STATES: readonly string[] = runStateSchema.options;

const statesSchema = z.string().transform((text, context): readonly RunState[] => {
  const parsed = z.array(runStateSchema).safeParse(text.split(',').map((state) => state.trim()));
  if (parsed.success) return parsed.data;
  const message = `must be one or more of ${STATES.join(', ')}, joined by commas`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const querySchema = z.strictObject({
  vm_id: uuid.optional(),
  command_id: uuid.optional(),
  state: statesSchema.optional().describe(`${STATES.join(', ')}; several are joined by commas`),
  search: storable(z.string().trim().max(MAX_SEARCH))
    .optional()
    .describe('a part of the name, or of who began it'),
  limit: limitUpTo(MAX_PAGE, DEFAULT_PAGE),
  cursor: z
    .string()
    .regex(/^\d{1,18}$/u, 'must be the next_cursor of the page before')
    .optional()
    .describe(cursorDescription),
});

const toSummary = (row: RunListRow): RunSummary => ({
  id: row.id,
  name: row.name,
  state: row.state,
  reason: row.reason,
  command_id: row.command_id,
  retry_of: row.retry_of,
  actor: { kind: row.actor_kind, name: row.actor_name },
  created_at: row.created_at,
  ended_at: row.ended_at,
  counts: row.counts,
});

export const makeLookRoutes = ({
  database,
  questions,
  access,
}: {
  readonly database: Database;
  readonly questions: RunQuestions;
  readonly access: RunAccess;
}): readonly AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/v1/runs',
    tag,
    summary: 'Runs, newest first',
    access: { action: 'run.read' },
    params: nothing,
    query: querySchema,
    body: nothing,
    answers: { 200: { description: 'a page of runs', schema: pageOf(runSummarySchema) } },
    handle: async ({ actor, query }) => {
      const visible = access.visibleVmIds(actor);
      const { vm_id: vmId, limit } = query;
      const isHidden = vmId !== undefined && visible?.includes(vmId) === false;
      const rows = isHidden
        ? []
        : await listRuns(database, {
            visibleVmIds: visible,
            vmId,
            states: query.state,
            search: query.search?.toLowerCase(),
            commandId: query.command_id,
            beforeKey: query.cursor,
            // One more than asked for tells whether there is a next page.
            limit: limit + 1,
          });
      const shown = rows.slice(0, limit);
      const last = rows.length > limit ? shown.at(-1) : undefined;
      const body = { items: shown.map(toSummary), next_cursor: last?.key ?? null };
      return { ok: true, status: 200, body };
    },
  }),
  defineRoute({
    method: 'get',
    path: '/v1/runs/:id',
    tag,
    summary: 'A run with its executions',
    access: { action: 'run.read' },
    params: idParams,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'the run', schema: runSchema } },
    problems: RUN_PROBLEMS,
    handle: async ({ actor, params }) => {
      const found = await questions.find(actor, params.id);
      if (!found.ok) return found;
      const { run, executions } = found.value;
      return { ok: true, status: 200, body: presentRun(run, executions, access, actor) };
    },
  }),
];

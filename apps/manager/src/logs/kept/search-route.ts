/** `GET /v1/logs/search`: the kept lines of the fleet, newest first. */
import { logLevelSchema, logSearchSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { momentSchema } from '../../history/query-schemas.ts';
import { defineRoute } from '../../http/define-route.ts';
import { refuse } from '../../http/problem.ts';
import { cursorDescription, limitUpTo } from '../../http/query-count.ts';
import { nothing, type AnyRoute } from '../../http/route.ts';
import { storable } from '../../vms/storable-text.ts';
import { selectorSchema } from '../../vms/vm-query.ts';
import { unitNames } from '../line-filter.ts';
import { leastLevel } from './kept-row.ts';
import { SEARCH_MS, type LogQuestion, type SearchLogs } from './search-logs.ts';
import type { LogPlace } from './sql/search-kept-logs.ts';

const DEFAULT_RANGE_MS = 24 * 3_600_000;
const MAX_LINES = 1_000;
const DEFAULT_LINES = 100;
const MAX_UNITS = 50;
const MAX_VMS = 200;
const MAX_TEXT = 256;
/** What the guests' clocks may be ahead by: a line of now is never left out. */
const AHEAD_MS = 60_000;

/** A parameter that may be given several times. */
const several = <Item extends z.ZodType<string, string>>(item: Item, max: number) =>
  z
    .union([item, z.array(item).max(max, `may be given ${max} times at most`)])
    .transform((value) => (Array.isArray(value) ? value : [value]));

/** The time and the id of the last line that was seen; 18 digits always fit a bigint. */
const cursorSchema = z
  .string()
  .regex(/^\d{1,14}-\d{1,18}$/u, 'must be the next_cursor of the page before')
  .transform((text): LogPlace => {
    const [ts = '', id = ''] = text.split('-');
    return { ts: Number(ts), id };
  });

const querySchema = z.strictObject({
  q: storable(z.string().min(1).max(MAX_TEXT))
    .optional()
    .describe('a part of the message, upper and lower case alike; plain text'),
  level: logLevelSchema.optional().describe('this level and worse'),
  unit: several(storable(z.string().min(1).max(MAX_TEXT)), MAX_UNITS)
    .optional()
    .describe('a target; `ssh` means `ssh.service` too; may be given several times'),
  since: momentSchema.optional().describe('unix milliseconds; left out: a day before `until`'),
  until: momentSchema.optional().describe('unix milliseconds, included; left out: now'),
  vm_id: several(z.uuid({ error: 'must be a UUID' }).toLowerCase(), MAX_VMS)
    .optional()
    .describe('may be given several times; also of a VM that is no longer registered'),
  labels: selectorSchema.optional().describe('a selector, as in GET /v1/vms'),
  limit: limitUpTo(MAX_LINES, DEFAULT_LINES),
  cursor: cursorSchema.optional().describe(cursorDescription),
});

const BUSY = {
  status: 503,
  code: 'busy',
  message: 'too many searches of logs are under way; try again soon',
  headers: { 'retry-after': '1' },
} as const;

const TOO_BROAD = {
  status: 422,
  code: 'too_broad',
  message: `the search took longer than ${SEARCH_MS / 1_000} s: give since and until, vm_id, labels, or a higher level`,
} as const;

export const makeLogSearchRoute = ({
  search,
  clock,
}: {
  readonly search: SearchLogs;
  readonly clock: Pick<Clock, 'now'>;
}): AnyRoute =>
  defineRoute({
    method: 'get',
    path: '/v1/logs/search',
    tag: 'Logs',
    summary: 'The kept log lines of all VMs that one may see, newest first',
    access: { action: 'logs.read' },
    params: nothing,
    query: querySchema,
    body: nothing,
    answers: { 200: { description: 'A page of lines', schema: logSearchSchema } },
    problems: {
      '422 too_broad': 'the search would take too long',
      '503 busy': 'too many searches are under way',
    },
    handle: async ({ actor, query, signal }) => {
      const { until: to = clock.now() + AHEAD_MS } = query;
      const { since: from = Math.max(0, to - DEFAULT_RANGE_MS) } = query;
      if (from > to) {
        const message = `since: must not be after until (since is ${from}, until is ${to})`;
        return refuse({ status: 422, code: 'invalid', message });
      }
      const question: LogQuestion = {
        from,
        to,
        level: leastLevel(query.level),
        targets: [...unitNames(query.unit ?? [])],
        text: query.q,
        vmIds: query.vm_id,
        labels: query.labels,
        behind: query.cursor,
        limit: query.limit,
      };
      const answer = await search(actor, question, signal);
      if (!answer.ok) return refuse(answer.problem === 'busy' ? BUSY : TOO_BROAD);
      const { next, ...found } = answer.found;
      const nextCursor = next === undefined ? null : `${next.ts}-${next.id}`;
      return { ok: true, status: 200, body: { ...found, next_cursor: nextCursor } };
    },
  });

/** `GET /v1/vms/:id/logs/page`: some lines around a moment, for who looks back or jumps in time. */
import { logPageSchema, type LogEvent, type LogPage } from '@innkeeper/protocol';
import { z } from 'zod';
import { defineRoute } from '../../http/define-route.ts';
import { refuse } from '../../http/problem.ts';
import { limitUpTo } from '../../http/query-count.ts';
import { idParams, nothing, type AnyRoute } from '../../http/route.ts';
import { AGENT_PROBLEMS } from '../../vms/agent-problem.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import type { LogHub } from '../hub/log-hub.ts';
import type { ReadKeptPage } from '../kept/kept-page.ts';
import { makeLineFilter } from '../line-filter.ts';
import type { LogReader, LogReading } from '../read/log-reader.ts';
import { filterQuery, filtersIn, FROM_AFTER_TO, rangeQuery } from './log-query.ts';
import { readingProblem } from './reading-problem.ts';

const MAX_LIMIT = 2_000;
const DEFAULT_LIMIT = 500;

const querySchema = z.strictObject({
  ...rangeQuery,
  limit: limitUpTo(MAX_LIMIT, DEFAULT_LIMIT),
  ...filterQuery,
});
type PageQuery = z.infer<typeof querySchema>;

/** From `since` on where there is no `until`; else the last ones. */
const isForwards = ({ since, until }: PageQuery): boolean =>
  since !== undefined && until === undefined;

const toPage = (lines: readonly LogEvent[], query: PageQuery): Pick<LogPage, 'items' | 'more'> => {
  const { limit } = query;
  const items = isForwards(query) ? lines.slice(0, limit) : lines.slice(-limit);
  return { items, more: lines.length > limit };
};

const readLines = async (reading: LogReading, max: number): Promise<LogEvent[]> => {
  const lines: LogEvent[] = [];
  while (lines.length < max) {
    const items = await reading.next();
    if (items === undefined) break;
    for (const item of items) if (item.kind === 'line') lines.push(item.line);
  }
  return lines;
};

/** What the hub holds of it; undefined: nothing. */
const heldLines = (
  hub: Pick<LogHub, 'held'>,
  vm: VmRecord,
  query: PageQuery,
): LogEvent[] | undefined => {
  const filter = makeLineFilter(filtersIn(query));
  const { since = 0, until = Number.POSITIVE_INFINITY } = query;
  const held = hub.held(vm.id, query.source);
  if (held === undefined || held.length === 0) return undefined;
  return held.flatMap((entry) => {
    if ('mark' in entry || (filter !== undefined && !filter(entry))) return [];
    const { seq: _, ...line } = entry;
    const at = line.timestamp ?? since;
    return at >= since && at <= until ? [line] : [];
  });
};

/** What is kept of it in the database; undefined: nothing. */
const storedLines = async (
  readKeptPage: ReadKeptPage,
  vm: VmRecord,
  query: PageQuery,
): Promise<readonly LogEvent[] | undefined> => {
  const { source, since, until, limit } = query;
  const range = { source, since, until, isForwards: isForwards(query), max: limit + 1 };
  const stored = await readKeptPage(vm, { ...range, filter: filtersIn(query) });
  return stored.length === 0 ? undefined : stored;
};

export const makePageRoute = ({
  reader,
  hub,
  readKeptPage,
}: {
  readonly reader: LogReader;
  readonly hub: Pick<LogHub, 'held'>;
  readonly readKeptPage: ReadKeptPage;
}): AnyRoute =>
  defineRoute({
    method: 'get',
    path: '/v1/vms/:id/logs/page',
    tag: 'Logs',
    summary: 'The last lines before a moment, or the first after it, of a VM',
    access: { action: 'logs.read', vm: 'id' },
    params: idParams,
    query: querySchema,
    body: nothing,
    answers: { 200: { description: 'lines, the oldest first', schema: logPageSchema } },
    problems: AGENT_PROBLEMS,
    handle: async ({ vm, query, signal }) => {
      const { source, since, until, limit } = query;
      if ((since ?? 0) > (until ?? Number.POSITIVE_INFINITY)) {
        return refuse({ status: 422, code: 'invalid', message: FROM_AFTER_TO });
      }
      // One more than is wanted tells whether there are more.
      const tail = isForwards(query) ? undefined : limit + 1;
      const question = { source, since, until, tail, ...filtersIn(query) };
      const opened = await reader.open(vm, question, { signal });
      if (opened.ok) {
        const { reading } = opened;
        const lines = await readLines(reading, limit + 1);
        const problem = lines.length > limit ? undefined : reading.problem();
        await reading.close();
        const body: LogPage = { ...toPage(lines, query), origin: 'agent', reason: null };
        if (problem === undefined) return { ok: true, status: 200, body };
        return refuse(readingProblem({ failure: problem, isBusy: false }));
      }
      if (opened.isBusy) return refuse(readingProblem(opened));
      const held = heldLines(hub, vm, query);
      const hasHeld = held !== undefined && held.length > 0;
      const kept = hasHeld ? held : ((await storedLines(readKeptPage, vm, query)) ?? held);
      if (kept === undefined) return refuse(readingProblem(opened));
      const reason = opened.failure.message;
      const body: LogPage = { ...toPage(kept, query), origin: 'kept', reason };
      return { ok: true, status: 200, body };
    },
  });

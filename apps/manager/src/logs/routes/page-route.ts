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
import { keptBytes, makeLinePage } from './line-page.ts';
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

type Page = Pick<LogPage, 'items' | 'more'>;

const readPage = async (reading: LogReading, query: PageQuery): Promise<Page> => {
  const page = makeLinePage(query.limit, isForwards(query));
  while (!page.isFull()) {
    const items = await reading.next();
    if (items === undefined) break;
    for (const item of items) if (item.kind === 'line') page.add(item.line, item.bytes);
  }
  return page.take();
};

/** The lines that the hub holds, whether they are asked for or not; undefined: nobody listens. */
const heldLines = (
  hub: Pick<LogHub, 'held'>,
  vm: VmRecord,
  { source }: PageQuery,
): LogEvent[] | undefined => {
  const held = hub.held(vm.id, source);
  if (held === undefined || held.length === 0) return undefined;
  return held.flatMap((entry) => {
    if ('mark' in entry) return [];
    const { seq: _, ...line } = entry;
    return [line];
  });
};

/** What the manager has of it: before the first line that the hub holds, those in the database. */
const readKept = async (
  held: readonly LogEvent[],
  readKeptPage: ReadKeptPage,
  vm: VmRecord,
  query: PageQuery,
  signal: AbortSignal,
): Promise<Page> => {
  const { source, since = 0, until = Number.POSITIVE_INFINITY, limit } = query;
  const filter = makeLineFilter(filtersIn(query));
  const wanted = held.filter((line) => {
    const at = line.timestamp ?? since;
    return at >= since && at <= until && (filter === undefined || filter(line));
  });
  const first = held.find(({ timestamp }) => timestamp !== null)?.timestamp ?? undefined;
  const before = Math.min(until, first ?? Number.POSITIVE_INFINITY);
  const isEnough = !isForwards(query) && wanted.length > limit;
  const stored =
    isEnough || before < since
      ? []
      : await readKeptPage(vm, {
          source,
          since: query.since,
          until: Number.isFinite(before) ? before : undefined,
          isForwards: isForwards(query),
          max: limit + 1,
          filter: filtersIn(query),
          signal,
        });
  const known = new Set(held.map(({ cursor }) => cursor));
  const older = (stored ?? []).filter(({ cursor }) => !known.has(cursor));
  const page = makeLinePage(limit, isForwards(query));
  for (const line of [...older, ...wanted]) page.add(line, keptBytes(line));
  const { items, more } = page.take();
  return { items, more: more || stored === undefined };
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
        const page = await readPage(reading, query);
        const problem = page.more ? undefined : reading.problem();
        await reading.close();
        const body: LogPage = { ...page, origin: 'agent', reason: null };
        if (problem === undefined) return { ok: true, status: 200, body };
        return refuse(readingProblem({ failure: problem, isBusy: false }));
      }
      if (opened.isBusy) return refuse(readingProblem(opened));
      const held = heldLines(hub, vm, query);
      const page = await readKept(held ?? [], readKeptPage, vm, query, signal);
      if (held === undefined && page.items.length === 0) return refuse(readingProblem(opened));
      const reason = opened.failure.message;
      const body: LogPage = { ...page, origin: 'kept', reason };
      return { ok: true, status: 200, body };
    },
  });

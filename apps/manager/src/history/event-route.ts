/** `GET /v1/vms/:id/events`: what happened to a VM, newest first. */
import { MAX_PAGE, pageOf, vmEventSchema, type VmEvent } from '@innkeeper/protocol';
import { z } from 'zod';
import { authorize } from '../auth/authorize.ts';
import type { Clock } from '../clock.ts';
import type { Queryable } from '../database/database.ts';
import { defineRoute } from '../http/define-route.ts';
import { refuse } from '../http/problem.ts';
import { cursorDescription, limitUpTo } from '../http/query-count.ts';
import { idParams, nothing, type AnyRoute } from '../http/route.ts';
import { momentSchema, rangeProblem } from './query-schemas.ts';
import { listVmEvents, type EventPlace } from './sql/list-vm-events.ts';

const DEFAULT_PAGE = 100;
/** What the clocks of managers may differ by: an event of now is never left out. */
const AHEAD_MS = 60_000;

/** The microsecond of the last event that was seen, and its id; 18 digits always fit a bigint. */
const cursorSchema = z
  .string()
  .regex(/^\d{1,18}-\d{1,18}$/u, 'must be the next_cursor of the page before')
  .transform((text): EventPlace => {
    const [atMicros = '', id = ''] = text.split('-');
    return { atMicros, id };
  });

const querySchema = z.strictObject({
  from: momentSchema.optional().describe('unix milliseconds; left out: the beginning'),
  to: momentSchema.optional().describe('unix milliseconds; left out: now'),
  limit: limitUpTo(MAX_PAGE, DEFAULT_PAGE),
  cursor: cursorSchema.optional().describe(cursorDescription),
});

/** Names of hosts are for those who may see hosts. */
const withoutHosts = (event: VmEvent): VmEvent =>
  event.kind === 'host_changed' ? { ...event, detail: {} } : event;

export const makeEventRoute = ({
  database,
  clock,
}: {
  readonly database: Queryable;
  readonly clock: Pick<Clock, 'now'>;
}): AnyRoute =>
  defineRoute({
    method: 'get',
    path: '/v1/vms/:id/events',
    tag: 'Metrics',
    summary: 'What happened to a VM, newest first',
    access: { action: 'vm.read', vm: 'id' },
    params: idParams,
    query: querySchema,
    body: nothing,
    answers: { 200: { description: 'A page of events', schema: pageOf(vmEventSchema) } },
    handle: async ({ actor, vm, query }) => {
      const { from = 0, to = clock.now() + AHEAD_MS } = query;
      const problem = rangeProblem({ from, to }, Number.POSITIVE_INFINITY);
      if (problem !== undefined) return refuse({ status: 422, code: 'invalid', message: problem });
      const { limit } = query;
      const found = await listVmEvents(database, {
        vmKey: vm.key,
        from,
        to,
        before: query.cursor,
        // One more than asked for tells whether there is a next page.
        limit: limit + 1,
      });
      const seesHosts = authorize(actor, 'host.read', undefined);
      const shown = found.slice(0, limit);
      const last = found.length > limit ? shown.at(-1)?.place : undefined;
      return {
        ok: true,
        status: 200,
        body: {
          items: shown.map(({ event }) => (seesHosts ? event : withoutHosts(event))),
          next_cursor: last === undefined ? null : `${last.atMicros}-${last.id}`,
        },
      };
    },
  });

/** `GET /v1/vms/:id/logs`: what a VM has logged and logs, as server-sent events, for scripts and curl. */
import type { Clock } from '../../clock.ts';
import { defineRoute } from '../../http/define-route.ts';
import { refuse } from '../../http/problem.ts';
import { idParams, nothing, type AnyRoute } from '../../http/route.ts';
import { AGENT_PROBLEMS } from '../../vms/agent-problem.ts';
import { z } from 'zod';
import type { LogHub } from '../hub/log-hub.ts';
import { isCursor } from '../log-cursor.ts';
import type { LogReader } from '../read/log-reader.ts';
import { followLogs, relayReading, tellEnd, type Following } from './follow-logs.ts';
import {
  DEFAULT_TAIL,
  filtersIn,
  FROM_AFTER_TO,
  streamQuery,
  type StreamQuery,
} from './log-query.ts';
import { readingProblem } from './reading-problem.ts';

export interface StreamRouteOptions {
  readonly reader: LogReader;
  readonly hub: LogHub;
  readonly clock: Clock;
}

const invalid = (message: string) => refuse({ status: 422, code: 'invalid', message });

const HEADERS = { 'x-accel-buffering': 'no' };

const problemIn = ({ since, until, follow }: StreamQuery): string | undefined => {
  if ((since ?? 0) > (until ?? Number.POSITIVE_INFINITY)) return FROM_AFTER_TO;
  return follow === true && until !== undefined
    ? 'follow: until and follow=true exclude each other'
    : undefined;
};

export const makeStreamRoute = ({ reader, hub, clock }: StreamRouteOptions): AnyRoute =>
  defineRoute({
    method: 'get',
    path: '/v1/vms/:id/logs',
    tag: 'Logs',
    summary: 'What a VM has logged and logs, as a stream of events',
    access: { action: 'logs.read', vm: 'id' },
    params: idParams,
    query: streamQuery,
    body: nothing,
    answers: {
      200: {
        description:
          'server-sent events: log (a LogEvent; its id goes into Last-Event-ID to go on), dropped, state, end',
        schema: z.string(),
        contentType: 'text/event-stream',
      },
    },
    problems: AGENT_PROBLEMS,
    isStream: true,
    handle: async ({ vm, query, header, signal }) => {
      const problem = problemIn(query);
      if (problem !== undefined) return invalid(problem);
      const given = header('last-event-id');
      const lastEventId = given === '' ? undefined : given;
      if (lastEventId !== undefined && !isCursor(lastEventId)) {
        return invalid('Last-Event-ID: must be the id of an event of this stream');
      }
      const { source, since, until, follow = until === undefined } = query;
      const isAll = since !== undefined || lastEventId !== undefined;
      const tail = query.tail ?? (isAll ? undefined : DEFAULT_TAIL);
      const question = { source, since, until, tail, ...filtersIn(query) };
      let following: Following;
      if (follow) {
        if (!hub.hasRoom(vm.id, source)) {
          return refuse({
            status: 503,
            code: 'busy',
            message: 'too many streams of logs are open',
          });
        }
        const dependencies = { reader, hub, clock };
        following = await followLogs(dependencies, vm, question, lastEventId, signal);
      } else {
        const opened = await reader.open(vm, question, { lastEventId, signal, isLong: true });
        following = opened.ok
          ? {
              ok: true,
              run: async (out) => {
                await relayReading(opened.reading, out, () => undefined);
                const failure = opened.reading.problem();
                await tellEnd(
                  out,
                  failure === undefined
                    ? { reason: 'complete' }
                    : { reason: 'failed', message: failure.message },
                );
              },
            }
          : opened;
      }
      if (!following.ok) return refuse(readingProblem(following));
      return {
        ok: true,
        contentType: 'text/event-stream; charset=utf-8',
        headers: HEADERS,
        stream: following.run,
      };
    },
  });

/** `GET /logs`: what this machine has logged and logs, as server-sent events. */
import { refuse } from '../http/answer.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { parseLogQuery, QUERY_NAMES } from '../logs/log-query.ts';
import type { LogSources } from '../logs/log-sources.ts';
import { makeLogStream } from '../logs/log-stream.ts';
import type { Clock } from '../platform/platform.ts';
import { invalid, type Route } from './route.ts';

/** One manager needs one; each costs a buffer and, while it reads what is kept, a share of a CPU. */
const MAX_STREAMS = 16;
/** Live lines for all clients together, and for one. */
const MAY_WAIT_BYTES = 4 * 1024 * 1024;
const MOST_OF_ONE_BYTES = 1024 * 1024;

const REFUSALS = {
  403: 'forbidden',
  404: 'not_found',
  422: 'invalid',
  503: 'unreadable',
} as const;

const tooMany = refuse({
  status: 429,
  code: 'busy',
  message: `${MAX_STREAMS} streams of logs are open`,
});

export const makeLogsRoute = (sources: LogSources, clock: Clock): Route => {
  let open = 0;

  const answer = ({ method, query, headers }: HttpRequest): HttpResponse => {
    const parsed = parseLogQuery(query, headers.get('last-event-id'));
    if (!parsed.ok) return refuse(invalid(parsed.problem));
    if (open >= MAX_STREAMS) return tooMany;
    const stream = makeLogStream({
      mayWaitBytes: () => Math.min(MOST_OF_ONE_BYTES, MAY_WAIT_BYTES / Math.max(1, open)),
      clock,
      onClosed: () => {
        open -= 1;
      },
    });
    const opened = sources.find(parsed.source, parsed.query).open(parsed.query, stream.sink);
    if (!opened.ok) {
      const { status, message } = opened;
      return refuse({ status, code: REFUSALS[status], message });
    }
    const { reader } = opened;
    if (method === 'HEAD') reader.close();
    return {
      status: 200,
      contentType: 'text/event-stream; charset=utf-8',
      // The head leaves at once, also where nothing has been logged.
      body: ':\n\n',
      stream: (out) => {
        open += 1;
        return stream.start(reader, out);
      },
    };
  };

  return {
    path: '/logs',
    methods: ['GET'],
    access: { scope: 'logs', beforeEnrolment: 'nobody', openToLoopback: false },
    query: QUERY_NAMES,
    handle: answer,
  };
};

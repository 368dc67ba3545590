/** An agent on loopback that logs what a test wants, and answers as the test says. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LogEvent } from '@innkeeper/protocol';

export interface FakeLogRequest {
  readonly query: URLSearchParams;
  readonly lastEventId: string | undefined;
  readonly authorization: string | undefined;
}

export interface FakeAgent {
  readonly host: string;
  readonly port: number;
  /** In the order in which they came. */
  readonly requests: readonly FakeLogRequest[];
  /** Streams that are open now. */
  open(): number;
  /** Adds lines, and sends them to whoever follows. */
  log(...messages: readonly (string | Partial<LogEvent>)[]): void;
  /** To whoever follows, as it stands. */
  raw(text: string): void;
  /** From now on every request is answered like this; undefined: as an agent does. */
  answerWith(
    answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined,
  ): void;
  /** Breaks off all streams, as a killed agent does. */
  cut(): void;
  stop(): Promise<void>;
}

/** Unix milliseconds: when its first line was written. */
export const FIRST_LINE_AT = 1_700_000_000_000;

/** A minute later, and going on. */
export const soonAfter = (): number => FIRST_LINE_AT + 60_000 + performance.now();

export const lineOf = (number: number, more: string | Partial<LogEvent> = {}): LogEvent => ({
  timestamp: FIRST_LINE_AT + number,
  level: 'info',
  target: 'app.service',
  message: `line ${number}`,
  fields: { PRIORITY: '6', _PID: '42' },
  cursor: `s=${number}`,
  ...(typeof more === 'string' ? { message: more } : more),
});

export const sseOf = (event: LogEvent): string =>
  `id: ${event.cursor}\nevent: log\ndata: ${JSON.stringify(event)}\n\n`;

const numberIn = (cursor: string): number => Number(/^s=(\d+)$/u.exec(cursor)?.[1]);

export const startFakeAgent = async ({
  host = '127.0.0.1',
  port = 0,
}: { readonly host?: string; readonly port?: number } = {}): Promise<FakeAgent> => {
  const requests: FakeLogRequest[] = [];
  const lines: LogEvent[] = [];
  const following = new Set<ServerResponse>();
  let answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { searchParams: query } = new URL(request.url ?? '/', 'http://agent');
    const header = request.headers['last-event-id'];
    const lastEventId = typeof header === 'string' ? header : undefined;
    requests.push({ query, lastEventId, authorization: request.headers.authorization });
    if (answer !== undefined) {
      answer(request, response);
      return;
    }
    const after = lastEventId === undefined ? undefined : numberIn(lastEventId);
    const tail = Number(query.get('tail') ?? (query.has('since') ? Infinity : 1000));
    const since = Number(query.get('since') ?? 0);
    const until = Number(query.get('until') ?? Number.MAX_SAFE_INTEGER);
    const inTime = lines.filter(({ timestamp }) => {
      const at = timestamp ?? 0;
      return at >= since && at <= until;
    });
    const first = after === undefined ? inTime.slice(tail === 0 ? inTime.length : -tail) : inTime;
    const wanted = first.filter(({ cursor }) => after === undefined || numberIn(cursor) > after);
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write(`:\n\n${wanted.map(sseOf).join('')}`);
    if (query.get('follow') === 'false') {
      response.end('event: end\ndata: {"reason":"complete"}\n\n');
      return;
    }
    following.add(response);
    response.once('close', () => following.delete(response));
  };

  const server = createServer(serve);
  await new Promise<void>((resolve) => {
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const portOf = (given: AddressInfo | string | null): number =>
    typeof given === 'object' && given !== null ? given.port : 0;

  const raw = (text: string): void => {
    for (const response of following) response.write(text);
  };

  return {
    host,
    port: portOf(address),
    requests,
    open: () => following.size,
    log: (...messages) => {
      const added = messages.map((more, index) => lineOf(lines.length + index + 1, more));
      lines.push(...added);
      raw(added.map(sseOf).join(''));
    },
    raw,
    answerWith: (given) => {
      answer = given;
    },
    cut: () => {
      for (const response of following) response.destroy();
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
};

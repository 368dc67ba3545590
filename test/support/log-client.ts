/** A client of `GET /logs`, of an agent or a manager: takes the stream apart as the standard says, and checks each event. */
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import {
  logDroppedSchema,
  logEndSchema,
  logEventSchema,
  type LogDropped,
  type LogEnd,
  type LogEvent,
} from '@innkeeper/protocol';
import type { HttpAddress } from './http-client.ts';
import { waitUntil } from './wait-until.ts';

export interface LogClient {
  readonly status: number;
  readonly lines: LogEvent[];
  readonly dropped: LogDropped[];
  /** Everything in the order in which it came. */
  readonly events: (LogEvent | LogDropped | LogEnd)[];
  readonly end: () => LogEnd | undefined;
  lastId(): string | undefined;
  comments(): number;
  body(): string;
  /** Resolves when the stream is over, whoever ended it. */
  readonly closed: Promise<void>;
  until(what: string, isSo: () => boolean, timeoutMs?: number): Promise<void>;
  pause(): void;
  resume(): void;
  destroy(): void;
}

export interface LogQuestion {
  /** Of the agent where it is left out. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly onLine?: (line: LogEvent) => void;
}

const TIMEOUT_MS = 10_000;

export const openLogs = async (
  address: HttpAddress,
  query: string,
  question: LogQuestion = {},
): Promise<LogClient> => {
  const { asked, incoming } = await new Promise<{
    asked: ClientRequest;
    incoming: IncomingMessage;
  }>((resolve, reject) => {
    const sent = request(
      {
        ...address,
        path: `${question.path ?? '/logs'}${query}`,
        headers: { ...question.headers },
        agent: false,
      },
      (answer) => resolve({ asked: sent, incoming: answer }),
    );
    sent.once('error', reject);
    sent.end();
  });
  const lines: LogEvent[] = [];
  const dropped: LogDropped[] = [];
  const events: (LogEvent | LogDropped | LogEnd)[] = [];
  let end: LogEnd | undefined;
  let lastId: string | undefined;
  let comments = 0;
  let text = '';
  let body = '';
  const isStream = incoming.statusCode === 200;

  const take = (block: string): void => {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^([^:]*): ?(.*)$/su.exec(line) ?? [];
      if (name === '') comments += 1;
      else fields.set(name, value);
    }
    const data: unknown = JSON.parse(fields.get('data') ?? 'null');
    if (fields.get('event') === 'log') {
      const line = logEventSchema.parse(data);
      lastId = fields.get('id');
      if (lastId !== line.cursor) throw new Error(`the id ${lastId} is not ${line.cursor}`);
      lines.push(line);
      events.push(line);
      question.onLine?.(line);
    } else if (fields.get('event') === 'dropped') {
      const lost = logDroppedSchema.parse(data);
      dropped.push(lost);
      events.push(lost);
    } else if (fields.get('event') === 'end') {
      end = logEndSchema.parse(data);
      events.push(end);
    }
  };

  incoming.setEncoding('utf8').on('data', (chunk: string) => {
    if (!isStream) {
      body += chunk;
      return;
    }
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    blocks.forEach(take);
  });
  const closed = new Promise<void>((resolve) => {
    incoming.once('close', () => resolve());
  });
  incoming.on('error', () => undefined);
  asked.on('error', () => undefined);
  return {
    status: incoming.statusCode ?? 0,
    lines,
    dropped,
    events,
    end: () => end,
    lastId: () => lastId,
    comments: () => comments,
    body: () => body,
    closed,
    until: (what, isSo, timeoutMs = TIMEOUT_MS) => waitUntil(what, isSo, timeoutMs),
    pause: () => incoming.pause(),
    resume: () => incoming.resume(),
    destroy: () => asked.destroy(),
  };
};

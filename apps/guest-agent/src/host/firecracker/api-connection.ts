/**
 * One kept connection to Firecracker's API socket: it takes ten at most. One request at a time; when
 * its answer comes, if it comes, is for the caller to judge.
 */
import type { Connection, Network, PlatformError, TextCodec } from '../../platform/platform.ts';
import { MAX_ANSWER_BYTES, parseApiAnswer, type ApiAnswer } from './api-answer.ts';

export type ApiResult =
  | { readonly kind: 'answer'; readonly answer: ApiAnswer }
  | { readonly kind: 'not_connected'; readonly error: PlatformError }
  | { readonly kind: 'broken'; readonly reason: 'unreachable' | 'malformed'; readonly why: string };

export interface ApiConnection {
  /** `done` is called once, or never. Only after it may the next request be sent. */
  request(text: string, done: (result: ApiResult) => void): void;
  stop(): void;
}

export const makeApiConnection = (
  deps: {
    readonly network: Pick<Network, 'connect'>;
    readonly text: Pick<TextCodec, 'decodeLatin1'>;
  },
  path: string,
  connectTimeoutMs: number,
): ApiConnection => {
  let connection: Connection | undefined;
  let waiting: ((result: ApiResult) => void) | undefined;
  let received = '';
  let stopped = false;

  const hangUp = (): void => {
    // Its `closed` comes later, and must not be taken for that of the connection after it.
    const ending = connection;
    connection = undefined;
    received = '';
    ending?.destroy();
  };

  const settle = (result: ApiResult): void => {
    const done = waiting;
    waiting = undefined;
    done?.(result);
  };

  const broken = (reason: 'unreachable' | 'malformed', why: string): void => {
    hangUp();
    settle({ kind: 'broken', reason, why });
  };

  const take = (chunk: Uint8Array): void => {
    received += deps.text.decodeLatin1(chunk.subarray(0, MAX_ANSWER_BYTES + 1));
    const parsed = parseApiAnswer(received);
    switch (parsed.kind) {
      case 'incomplete':
        return;
      case 'malformed':
        broken('malformed', parsed.problem);
        return;
      case 'answer':
        received = '';
        // An answer that nobody waits for: what comes after it would be taken for the next one.
        if (!parsed.answer.keepAlive || waiting === undefined) hangUp();
        settle(parsed);
        return;
      default: {
        const never: never = parsed;
        throw new Error(`an answer of no kind: ${String(never)}`);
      }
    }
  };

  const connect = async (text: string): Promise<void> => {
    const outcome = await deps.network.connect({ kind: 'unix', path }, connectTimeoutMs, (made) => {
      connection = made;
      const closed = (): void => {
        if (made === connection) broken('unreachable', 'closed before it answered');
      };
      return {
        data: (chunk) => {
          if (made === connection) take(chunk);
        },
        ended: closed,
        drained: () => undefined,
        closed,
      };
    });
    if (stopped) hangUp();
    else if (!outcome.ok) settle({ kind: 'not_connected', error: outcome.error });
    // It may have said something, or gone, before it was asked.
    else if (connection === outcome.value && waiting !== undefined) outcome.value.write(text);
  };

  return {
    request: (text, done) => {
      waiting = done;
      if (connection === undefined) void connect(text);
      else connection.write(text);
    },
    stop: () => {
      stopped = true;
      waiting = undefined;
      hangUp();
    },
  };
};

/**
 * One client's connection: read a request, answer it, wait for the next. Every state has a
 * deadline, so a peer that stops reading or sends a byte a second holds a socket for seconds, and
 * nothing else.
 */
import type { Clock, Connection, ConnectionEvents, TextCodec } from '../platform/platform.ts';
import { refuse } from './answer.ts';
import { makeDeadline } from './deadline.ts';
import type { MakeBodyRoom } from './body-room.ts';
import type { HttpLimits } from './limits.ts';
import type { HttpRequest, HttpResponse, Refusal } from './message.ts';
import { makeRequestReader } from './request-reader.ts';
import type { ReadProgress } from './request-reader.ts';
import { makeResponseWriter } from './response-writer.ts';
import { makeStreamWriter } from './stream-writer.ts';
import { parseTarget } from './target.ts';

export type Answer = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

export interface ConnectionDependencies {
  readonly clock: Clock;
  readonly text: TextCodec;
  readonly limits: HttpLimits;
  readonly bodyRoom: MakeBodyRoom;
  readonly answer: Answer;
  /** Called once, when nothing of the connection is left. */
  readonly onClosed: () => void;
  readonly onTimeout: () => void;
}

export interface HttpConnection {
  readonly events: ConnectionEvents;
  /**
   * Monotonic time since which everything depends on the peer: it has not asked, not finished
   * asking, or not taken its answer. Undefined while a route works on an answer.
   */
  waitingSince(): number | undefined;
  /** Who it belongs to: an address, or `unix`. */
  readonly peer: string;
  /** Answers what is under way, then closes. */
  finish(): void;
  destroy(): void;
}

const LINGER_MS = 1_000;

const peerName = ({ peer }: Connection): string => (peer.kind === 'tcp' ? peer.address : 'unix');

const timedOut: Refusal = {
  status: 408,
  code: 'request_timeout',
  message: 'the request did not arrive completely in time',
};

const answerTimedOut: Refusal = {
  status: 503,
  code: 'answer_timeout',
  message: 'the answer was not ready in time',
};

type Complete = Extract<ReadProgress, { state: 'request' }>;

export const makeHttpConnection = (
  connection: Connection,
  dependencies: ConnectionDependencies,
): HttpConnection => {
  const { clock, text, limits, bodyRoom, answer, onClosed, onTimeout } = dependencies;
  const deadline = makeDeadline(clock);
  let reader = makeRequestReader(text, limits, bodyRoom);
  let phase: 'reading' | 'answering' | 'sending' | 'streaming' | 'closing' = 'reading';
  let closeAfter = false;
  let quiet = true;
  let waitingSince = clock.monotonicMs();

  const close = (): void => {
    phase = 'closing';
    // Closing on top of unread bytes would reset the connection and could take the answer with it,
    // so what still comes is read and thrown away, for a moment.
    deadline.set(LINGER_MS, () => connection.destroy());
    connection.end();
    connection.resume();
  };

  const waitForRequest = (): void => {
    phase = 'reading';
    quiet = true;
    waitingSince = clock.monotonicMs();
    deadline.set(limits.idleMs, () => connection.destroy());
    connection.resume();
  };

  const onStalled = (): void => {
    onTimeout();
    connection.destroy();
  };
  const parts = { connection, clock, text, limits, deadline, onStalled };
  const onSent = (): void => (closeAfter ? close() : waitForRequest());
  const writer = makeResponseWriter({ ...parts, onSent });
  const streamer = makeStreamWriter({ ...parts, onEnd: close });

  const send = (response: HttpResponse, withBody: boolean): void => {
    if (response.stream !== undefined) closeAfter = true;
    phase = response.stream !== undefined && withBody ? 'streaming' : 'sending';
    waitingSince = clock.monotonicMs();
    if (phase === 'streaming') streamer.start(response);
    else writer.send(response, { withBody, close: closeAfter });
  };

  const refuseAndClose = (refusal: Refusal, withBody = true): void => {
    closeAfter = true;
    connection.pause();
    send(refuse(refusal), withBody);
  };

  const onDeadline = (ms: number, refusal: Refusal, withBody = true): void =>
    deadline.set(ms, () => {
      onTimeout();
      refuseAndClose(refusal, withBody);
    });

  const respond = async (request: HttpRequest, withBody: boolean): Promise<void> => {
    const response = await answer(request);
    // The peer may have gone, or the deadline may have answered, while the route worked.
    if (phase === 'answering') send(response, withBody);
  };

  const onRequest = ({ head, body, surplus }: Complete): void => {
    quiet = false;
    phase = 'answering';
    reader = makeRequestReader(text, limits, bodyRoom);
    // Whoever does not wait for the answer is answered once, and told to come again.
    if (surplus || !head.keepAlive) closeAfter = true;
    connection.pause();
    const { method, target, headers } = head;
    const withBody = method !== 'HEAD';
    const parsed = parseTarget(target);
    if ('refusal' in parsed) {
      refuseAndClose(parsed.refusal, withBody);
      return;
    }
    onDeadline(limits.handlerMs, answerTimedOut, withBody);
    const { peer } = connection;
    const encrypted = connection.encrypted();
    void respond({ method, target, headers, body, ...parsed.target, peer, encrypted }, withBody);
  };

  const onPartOfRequest = (sendContinue: boolean): void => {
    if (quiet && reader.begun()) {
      quiet = false;
      waitingSince = clock.monotonicMs();
      onDeadline(limits.requestMs, timedOut);
    }
    if (sendContinue) connection.write('HTTP/1.1 100 Continue\r\n\r\n');
  };

  const data = (chunk: Uint8Array): void => {
    if (phase !== 'reading') return;
    const progress = reader.feed(chunk);
    if (progress.state === 'request') onRequest(progress);
    else if (progress.state === 'more') onPartOfRequest(progress.sendContinue);
    else refuseAndClose(progress.refusal);
  };

  deadline.set(limits.idleMs, () => connection.destroy());
  return {
    events: {
      data,
      ended: () => {
        closeAfter = true;
        // Who reads a stream and has closed its own side has gone, as far as anybody can tell.
        if (phase === 'streaming') close();
        else if (phase === 'reading' || phase === 'closing') connection.end();
      },
      drained: () => (phase === 'streaming' ? streamer.drained() : writer.drained()),
      closed: () => {
        phase = 'closing';
        deadline.clear();
        reader.abandon();
        streamer.closed();
        onClosed();
      },
    },
    peer: peerName(connection),
    waitingSince: () => {
      if (phase === 'streaming') return streamer.stalledSince();
      return phase === 'answering' ? undefined : waitingSince;
    },
    finish: () => {
      closeAfter = true;
      if (quiet) connection.destroy();
      else streamer.stopping();
    },
    destroy: () => connection.destroy(),
  };
};

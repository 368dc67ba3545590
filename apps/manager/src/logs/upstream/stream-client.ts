/**
 * One connection to one agent for streams of events, one at a time. The head of the answer comes back
 * as from `agent-client.ts`, so that the same bearer signs for both; the body goes to the sink.
 */
import { Client } from 'undici';
import type { Clock } from '../../clock.ts';
import { describeTimeout } from '../../pull/attempt.ts';
import { clockOffsetSeconds } from '../../pull/clock-offset.ts';
import type { ConnectGate } from '../../pull/connect-gate.ts';
import { makeConnector } from '../../pull/connector.ts';
import { headerOf, type AgentRequest, type Exchange } from '../../pull/exchange.ts';
import { pullFailure } from '../../pull/failure.ts';
import type { PullFailure } from '../../pull/pull-result.ts';
import { describePlace, originOf, type AgentPlace } from '../../vms/agent-place.ts';
import { ENDED, handlerOf, startAttempt, type StreamAttempt } from './stream-attempt.ts';

export interface StreamSink {
  data(chunk: Buffer): void;
  /** Once for each stream that began; undefined: the agent has ended it in good order. */
  ended(failure: PullFailure | undefined): void;
}

export interface StreamClient {
  /** As people write it. */
  readonly where: string;
  /**
   * Ends what is there of another stream. The deadline, by the monotonic clock, is that of the head;
   * `onStream` is called when it says that a stream follows, before the sink gets any of it.
   */
  exchange(request: AgentRequest, deadlineMs: number, onStream: () => void): Promise<Exchange>;
  pause(): void;
  resume(): void;
  /**
   * The agent does not answer elsewhere: unless something comes soon, the stream is over. Of one that
   * is held nothing can come.
   */
  doubt(isDoubted: boolean): void;
  /** Ends the stream, if any, without a word to the sink; the connection goes with it. */
  abort(): void;
  /** Settles when no socket is left. */
  close(): Promise<void>;
}

export interface StreamClientDependencies {
  readonly place: AgentPlace;
  readonly gate: ConnectGate;
  readonly clock: Clock;
  /** Nothing came for so long, not even a heartbeat: the agent is gone. */
  readonly silenceMs: number;
  /** The same, where it is in doubt; left out: no sooner. */
  readonly doubtMs?: number;
  readonly sink: StreamSink;
}

const MAX_HEAD_BYTES = 16 * 1024;
/** 20,000 lines a second are a thousand reads. */
const READ_BYTES = 16 * 1024;
const EMPTY = Buffer.alloc(0);

const answerOf = ({ status, headers, body }: StreamAttempt, now: number): Exchange => ({
  ok: true,
  status,
  headers,
  body: body?.bytes() ?? EMPTY,
  clockOffsetSeconds: clockOffsetSeconds(headerOf(headers, 'date'), now),
});

const describeSilence = ({ isDoubted }: StreamAttempt, silenceMs: number): string =>
  isDoubted
    ? 'nothing comes, and it answers nothing else'
    : `nothing came for ${silenceMs / 1000} s`;

export const makeStreamClient = (dependencies: StreamClientDependencies): StreamClient => {
  const { place, gate, clock, silenceMs, doubtMs = silenceMs, sink } = dependencies;
  const where = describePlace(place);
  const connector = makeConnector({ place, gate, readBytes: READ_BYTES });
  let current: StreamAttempt | undefined;

  const client = new Client(originOf(place), {
    // An attempt that is over may have waited for its old socket to go: it needs no new one.
    connect: (options, callback) => {
      if (current === undefined || current.verdict !== undefined) callback(ENDED, null);
      else connector.connect(options, callback);
    },
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    // Nothing is asked again over the same connection, but for a second token.
    keepAliveTimeout: 1_000,
    maxHeaderSize: MAX_HEAD_BYTES,
  });

  /** Tells whoever waits, once. */
  const finish = (attempt: StreamAttempt, failure: PullFailure | undefined): void => {
    const { phase } = attempt;
    if (phase === 'over') return;
    attempt.phase = 'over';
    clearTimeout(attempt.timer);
    if (current === attempt) current = undefined;
    if (phase === 'streaming') sink.ended(failure);
    else if (failure === undefined) attempt.settle(answerOf(attempt, clock.now()));
    else attempt.settle({ ok: false, failure, neverSent: attempt.controller === undefined });
  };

  const end = (attempt: StreamAttempt, verdict: PullFailure): void => {
    attempt.verdict ??= verdict;
    connector.cancel(ENDED);
    attempt.controller?.abort(ENDED);
    finish(attempt, verdict);
  };

  const expire = (attempt: StreamAttempt): void => {
    const what =
      attempt.phase === 'streaming'
        ? describeSilence(attempt, silenceMs)
        : describeTimeout(connector.phase(), attempt.status !== 0);
    end(attempt, pullFailure('timeout', where, what));
  };

  const awaitMore = (attempt: StreamAttempt, isDoubted = false): void => {
    clearTimeout(attempt.timer);
    attempt.isDoubted = isDoubted;
    attempt.timer = setTimeout(expire, isDoubted ? doubtMs : silenceMs, attempt);
  };

  const hooks = {
    where,
    asking: () => void connector.useConnection(),
    streaming: (attempt: StreamAttempt) => {
      attempt.phase = 'streaming';
      awaitMore(attempt);
      attempt.onStream();
      attempt.settle(answerOf(attempt, clock.now()));
    },
    data: (attempt: StreamAttempt, chunk: Buffer) => {
      if (attempt.isDoubted) awaitMore(attempt);
      else attempt.timer?.refresh();
      sink.data(chunk);
    },
    finish,
    end,
  };

  const abort = (): void => {
    const attempt = current;
    current = undefined;
    if (attempt === undefined || attempt.phase === 'over') return;
    const { phase } = attempt;
    attempt.phase = 'over';
    clearTimeout(attempt.timer);
    const failure = pullFailure('unreachable', where, 'not asked any more');
    attempt.verdict ??= failure;
    connector.cancel(ENDED);
    attempt.controller?.abort(ENDED);
    if (phase !== 'streaming') {
      attempt.settle({ ok: false, failure, neverSent: attempt.controller === undefined });
    }
  };

  return {
    where,
    exchange: async ({ method, target, headers, body }, deadlineMs, onStream) => {
      abort();
      return new Promise<Exchange>((settle) => {
        const attempt = startAttempt(settle, onStream);
        current = attempt;
        attempt.timer = setTimeout(expire, Math.max(0, deadlineMs - clock.monotonicMs()), attempt);
        client.dispatch(
          { method, path: target, headers, body: body ?? null },
          handlerOf(attempt, hooks),
        );
      });
    },
    pause: () => {
      if (current?.phase !== 'streaming') return;
      clearTimeout(current.timer);
      current.timer = undefined;
      current.isDoubted = false;
      current.controller?.pause();
    },
    resume: () => {
      if (current?.phase !== 'streaming') return;
      awaitMore(current);
      current.controller?.resume();
    },
    doubt: (isDoubted) => {
      if (current?.phase !== 'streaming' || current.timer === undefined) return;
      awaitMore(current, isDoubted);
    },
    abort,
    close: async () => {
      abort();
      await client.destroy();
      await connector.closed();
    },
  };
};

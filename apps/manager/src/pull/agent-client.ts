/**
 * HTTP with one agent over one connection: no redirects, no pipelining, no cookies, and limits on
 * everything. One exchange at a time. Whatever the peer does, an exchange ends by its deadline.
 */
import { Client, type Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import { describePlace, originOf, type AgentPlace } from '../vms/agent-place.ts';
import { makeAnswerBody } from './answer-body.ts';
import { answerOf, describeTimeout, startAttempt, type Attempt, type Outcome } from './attempt.ts';
import { clockOffsetSeconds } from './clock-offset.ts';
import type { ConnectGate } from './connect-gate.ts';
import { describeConnectionFailure } from './connection-failure.ts';
import { makeConnector } from './connector.ts';
import type { Deadlines } from './deadlines.ts';
import { headerOf, type AgentRequest, type Exchange } from './exchange.ts';
import { pullFailure } from './failure.ts';
import type { PullFailure } from './pull-result.ts';

export interface AgentClient {
  /** As people write it. */
  readonly where: string;
  /** By the monotonic clock. The connection is tried anew once where an idle one turns out dead. */
  exchange(request: AgentRequest, deadlineMs: number): Promise<Exchange>;
  /** Ends what is under way, as a failure; settles when no socket is left. */
  close(): Promise<void>;
}

export interface AgentClientDependencies {
  readonly place: AgentPlace;
  readonly gate: ConnectGate;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  /** Idle connections live so long: longer than the interval of pulls. */
  readonly keepAliveMs: number;
}

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 16 * 1024;
const MAX_HEAD_BYTES = 16 * 1024;

const EMPTY = Buffer.alloc(0);
/** Reaches nobody: the verdict says what people read. */
const ENDED = new Error('ended by us');

export const makeAgentClient = (dependencies: AgentClientDependencies): AgentClient => {
  const { place, gate, deadlines, clock, keepAliveMs } = dependencies;
  const where = describePlace(place);
  const connector = makeConnector({ place, gate });
  let current: Attempt | undefined;
  let isClosed = false;

  const client = new Client(originOf(place), {
    // An attempt that is over may have waited for its old socket to go: it needs no new one.
    connect: (options, callback) => {
      if (current === undefined || current.verdict !== undefined) callback(ENDED, null);
      else connector.connect(options, callback);
    },
    pipelining: 1,
    // Its timeouts are a second apart, and start anew with each byte: the deadline is ours.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: MAX_HEAD_BYTES,
  });

  const settle = (outcome: Outcome): void => {
    const attempt = current;
    if (attempt === undefined) return;
    current = undefined;
    deadlines.unwatch(attempt);
    attempt.settle(outcome);
  };

  const end = (attempt: Attempt, verdict: PullFailure): void => {
    if (attempt !== current || attempt.verdict !== undefined) return;
    attempt.verdict = verdict;
    connector.cancel(ENDED);
    attempt.controller?.abort(ENDED);
  };

  /** A refusal counts by its status; what more it says does not matter. */
  const endTooLarge = (attempt: Attempt): void => {
    if (attempt.status !== 200) {
      const answer = answerOf(attempt, EMPTY);
      const { controller } = attempt;
      settle(answer);
      controller?.abort(ENDED);
    } else {
      const limit = `${MAX_ANSWER_BYTES / 1024 / 1024} MiB`;
      end(attempt, pullFailure('too_large', where, `the answer has more than ${limit}`));
    }
  };

  /** One for all exchanges: there is never more than one under way. */
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (controller) => {
      const isReused = connector.useConnection();
      if (current === undefined) return controller.abort(ENDED);
      current.controller = controller;
      current.isReused = isReused;
      return current.verdict === undefined ? undefined : controller.abort(ENDED);
    },
    onResponseStart: (controller, status, headers) => {
      const attempt = current;
      if (attempt === undefined) return controller.abort(ENDED);
      if (status < 200) {
        return end(attempt, pullFailure('malformed', where, `an answer with the status ${status}`));
      }
      attempt.status = status;
      attempt.headers = headers;
      attempt.clockOffsetSeconds = clockOffsetSeconds(headerOf(headers, 'date'), clock.now());
      const limit = status === 200 ? MAX_ANSWER_BYTES : MAX_REFUSAL_BYTES;
      if (Number(headerOf(headers, 'content-length') ?? 0) > limit) return endTooLarge(attempt);
      attempt.body = makeAnswerBody(limit);
      return undefined;
    },
    onResponseData: (_controller, chunk) => {
      if (current?.body?.add(chunk) === false) endTooLarge(current);
    },
    onResponseEnd: () => {
      if (current !== undefined) settle(answerOf(current, current.body?.bytes() ?? EMPTY));
    },
    onResponseError: (_controller, error) => {
      const attempt = current;
      if (attempt === undefined) return;
      if (attempt.verdict !== undefined) return settle({ ok: false, failure: attempt.verdict });
      const { kind, what, isGone } = describeConnectionFailure(error, attempt.status !== 0);
      const failure = pullFailure(kind, where, isClosed ? 'not asked any more' : what);
      const again = isGone && attempt.isReused && !isClosed;
      settle(again ? { ok: false, failure, isGone: true } : { ok: false, failure });
    },
  };

  const expire = (late: Attempt): void => {
    const what = describeTimeout(connector.phase(), late.status !== 0);
    end(late, pullFailure('timeout', where, what));
  };

  const attemptOnce = (
    { method, target, headers, body }: AgentRequest,
    deadlineMs: number,
    onOutcome: (outcome: Outcome) => void,
  ): void => {
    const attempt = startAttempt(onOutcome, expire);
    current = attempt;
    deadlines.watch(attempt, deadlineMs);
    // All that is ever asked only looks, and may be asked twice.
    client.dispatch(
      { method, path: target, headers, body: body ?? null, idempotent: true },
      handler,
    );
  };

  return {
    where,
    exchange: async (request, deadlineMs) => {
      if (current !== undefined) throw new Error(`${where}: two exchanges at one time`);
      const first = await new Promise<Outcome>((resolve) => {
        attemptOnce(request, deadlineMs, resolve);
      });
      if (!('isGone' in first)) return first;
      return new Promise<Outcome>((resolve) => {
        attemptOnce(request, deadlineMs, resolve);
      });
    },
    close: async () => {
      isClosed = true;
      connector.cancel(ENDED);
      await client.destroy();
      await connector.closed();
    },
  };
};

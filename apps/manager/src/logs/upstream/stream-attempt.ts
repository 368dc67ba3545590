/** One request for a stream of events, from asking to its end, as undici tells of it. */
import type { Dispatcher } from 'undici';
import { makeAnswerBody, type AnswerBody } from '../../pull/answer-body.ts';
import { describeConnectionFailure } from '../../pull/connection-failure.ts';
import { headerOf, type AnswerHeaders, type Exchange } from '../../pull/exchange.ts';
import { pullFailure } from '../../pull/failure.ts';
import type { PullFailure } from '../../pull/pull-result.ts';

export interface StreamAttempt {
  phase: 'asked' | 'refused' | 'streaming' | 'over';
  controller: Dispatcher.DispatchController | undefined;
  /** Why we ended it ourselves. */
  verdict: PullFailure | undefined;
  status: number;
  headers: AnswerHeaders;
  body: AnswerBody | undefined;
  timer: NodeJS.Timeout | undefined;
  /** The agent does not answer elsewhere, and nothing has come since. */
  isDoubted: boolean;
  readonly settle: (outcome: Exchange) => void;
  readonly onStream: () => void;
}

export interface AttemptHooks {
  readonly where: string;
  readonly asking: () => void;
  /** The head says that a stream follows. */
  readonly streaming: (attempt: StreamAttempt) => void;
  readonly data: (attempt: StreamAttempt, chunk: Buffer) => void;
  /** Undefined: a refusal, or a stream, that is complete. */
  readonly finish: (attempt: StreamAttempt, failure: PullFailure | undefined) => void;
  readonly end: (attempt: StreamAttempt, verdict: PullFailure) => void;
}

const MAX_REFUSAL_BYTES = 16 * 1024;
const EVENT_STREAM = /^text\/event-stream\s*(?:;|$)/iu;
/** Reaches nobody: the verdict says what people read. */
export const ENDED = new Error('ended by us');

export const startAttempt = (
  settle: (outcome: Exchange) => void,
  onStream: () => void,
): StreamAttempt => ({
  phase: 'asked',
  controller: undefined,
  verdict: undefined,
  status: 0,
  headers: {},
  body: undefined,
  timer: undefined,
  isDoubted: false,
  settle,
  onStream,
});

/** Undefined: it is a stream of events, in plain text. */
const oddityOf = (status: number, headers: AnswerHeaders): string | undefined => {
  if (status < 200) return `an answer with the status ${status}`;
  if (status !== 200) return undefined;
  if (!EVENT_STREAM.test(headerOf(headers, 'content-type') ?? '')) {
    return 'answered with something other than a stream of events';
  }
  const encoding = headerOf(headers, 'content-encoding') ?? 'identity';
  const isPlain = encoding.toLowerCase() === 'identity';
  return isPlain ? undefined : 'an answer in an encoding that nobody asked for';
};

export const handlerOf = (
  attempt: StreamAttempt,
  { where, asking, streaming, data, finish, end }: AttemptHooks,
): Dispatcher.DispatchHandler => ({
  onRequestStart: (controller) => {
    attempt.controller = controller;
    asking();
    if (attempt.phase === 'over') controller.abort(ENDED);
  },
  onResponseStart: (_controller, status, headers) => {
    if (attempt.phase === 'over') return;
    attempt.status = status;
    attempt.headers = headers;
    const oddity = oddityOf(status, headers);
    if (oddity !== undefined) end(attempt, pullFailure('malformed', where, oddity));
    else if (status === 200) streaming(attempt);
    else {
      attempt.phase = 'refused';
      attempt.body = makeAnswerBody(MAX_REFUSAL_BYTES);
    }
  },
  onResponseData: (controller, chunk) => {
    if (attempt.phase === 'streaming') data(attempt, chunk);
    else if (attempt.phase === 'refused' && attempt.body?.add(chunk) === false) {
      // A refusal counts by its status; what more it says does not matter.
      attempt.body = undefined;
      finish(attempt, undefined);
      controller.abort(ENDED);
    }
  },
  onResponseEnd: () => finish(attempt, undefined),
  onResponseError: (_controller, error) => {
    const { kind, what } = describeConnectionFailure(error, attempt.phase === 'refused');
    const failure =
      attempt.phase === 'streaming'
        ? pullFailure('unreachable', where, 'the connection was lost')
        : pullFailure(kind, where, what);
    finish(attempt, attempt.verdict ?? failure);
  },
});

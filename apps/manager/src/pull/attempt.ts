/** One try of an exchange, from asking to its outcome. */
import type { Dispatcher } from 'undici';
import type { AnswerBody } from './answer-body.ts';
import type { Connector } from './connector.ts';
import type { Timed } from './deadlines.ts';
import type { AgentAnswer, AnswerHeaders, Exchange } from './exchange.ts';
import type { PullFailure } from './pull-result.ts';

/** What an attempt came to; `isGone` says that another one may go better. */
export type Outcome =
  | Exchange
  | { readonly ok: false; readonly failure: PullFailure; readonly isGone: true };

export interface Attempt extends Timed {
  readonly settle: (outcome: Outcome) => void;
  controller: Dispatcher.DispatchController | undefined;
  isReused: boolean;
  /** Why we ended it ourselves. */
  verdict: PullFailure | undefined;
  status: number;
  headers: AnswerHeaders;
  body: AnswerBody | undefined;
  clockOffsetSeconds: number | undefined;
}

const NO_HEADERS: AnswerHeaders = {};

export const startAttempt = (
  settle: (outcome: Outcome) => void,
  expire: (attempt: Attempt) => void,
): Attempt => {
  const attempt: Attempt = {
    settle,
    expiresAt: 0,
    budgetMs: 0,
    place: undefined,
    controller: undefined,
    isReused: false,
    verdict: undefined,
    status: 0,
    headers: NO_HEADERS,
    body: undefined,
    clockOffsetSeconds: undefined,
    expire: () => expire(attempt),
  };
  return attempt;
};

export const answerOf = (attempt: Attempt, body: Buffer): AgentAnswer => ({
  ok: true,
  status: attempt.status,
  headers: attempt.headers,
  body,
  clockOffsetSeconds: attempt.clockOffsetSeconds,
});

/** How far it got, in the words of its failure. */
export const describeTimeout = (
  phase: ReturnType<Connector['phase']>,
  hasHead: boolean,
): string => {
  if (phase === 'waiting') return 'too many connections are being opened: it was not asked';
  if (phase === 'connecting') return 'no connection within the time allowed';
  return hasHead ? 'the answer took too long' : 'no answer within the time allowed';
};

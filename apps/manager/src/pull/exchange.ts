/** What is asked of an agent, and what comes of it. */
import type { PullFailure } from './pull-result.ts';

export interface AgentRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query. */
  readonly target: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body?: Buffer | undefined;
}

export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface AgentAnswer {
  readonly ok: true;
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** Of an answer that is no success, at most `MAX_REFUSAL_BYTES`; empty where it had more. */
  readonly body: Buffer;
  /** How far the agent's clock is ahead, roughly; undefined where it does not tell. */
  readonly clockOffsetSeconds: number | undefined;
}

export interface ExchangeFailure {
  readonly ok: false;
  readonly failure: PullFailure;
  /** Told by clients of streams: nothing of the request has left this machine. */
  readonly neverSent?: boolean;
}

export type Exchange = AgentAnswer | ExchangeFailure;

export const headerOf = (headers: AnswerHeaders, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
};

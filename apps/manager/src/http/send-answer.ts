/** Writes an answer: JSON, a text, bytes, or the one error body. */
import type { ErrorBody } from '@innkeeper/protocol';
import type { ServerResponse } from 'node:http';
import type { Problem } from './problem.ts';
import type { Answer, StreamAnswer } from './route.ts';
import { safeJson } from './safe-json.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

const send = (
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array | undefined,
): void => {
  // The time for the answer was over, or the caller has gone.
  if (response.headersSent || response.destroyed) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (body === undefined) {
    response.end();
    return;
  }
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
};

export interface SentProblem {
  readonly status: Problem['status'] | 500;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const sendProblem = (response: ServerResponse, problem: SentProblem): void => {
  const { status, code, message, headers } = problem;
  const body = { error: { code, message } } satisfies ErrorBody;
  send(
    response,
    status,
    { 'cache-control': 'no-store', 'content-type': JSON_TYPE, ...headers },
    safeJson(body),
  );
};

export const sendAnswer = (
  response: ServerResponse,
  answer: Exclude<Answer, StreamAnswer>,
): void => {
  if (!answer.ok) {
    sendProblem(response, answer.problem);
    return;
  }
  const { status, body, contentType, headers } = answer;
  if (body === undefined) {
    send(response, status, { 'cache-control': 'no-store', ...headers }, undefined);
    return;
  }
  // Made before any header is set: what cannot be written as JSON is an error of ours, a whole one.
  const isWritten = contentType !== undefined && typeof body === 'string';
  const text = isWritten || body instanceof Uint8Array ? body : safeJson(body);
  const type = contentType ?? JSON_TYPE;
  send(response, status, { 'cache-control': 'no-store', 'content-type': type, ...headers }, text);
};

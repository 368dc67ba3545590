/**
 * A page of another site can make a browser send the session's cookie, but it cannot read the
 * session's CSRF token, which therefore comes with whatever changes something.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Problem } from './problem.ts';

export const isSafeMethod = (method: string): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

const isEqual = (one: string, other: string): boolean => {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** `expected` is undefined for tokens: no browser sends those by itself. */
export const csrfProblem = (
  expected: string | undefined,
  sent: string | undefined,
): Problem | undefined => {
  if (expected === undefined || (sent !== undefined && isEqual(expected, sent))) return undefined;
  return {
    status: 403,
    code: 'csrf_token_wrong',
    message: 'x-csrf-token must be the csrf_token that GET /v1/session tells',
  };
};

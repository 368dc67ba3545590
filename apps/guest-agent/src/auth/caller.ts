/** Who asks, for routes that log it or that decide more finely than a scope for the whole route. */
import { bearerToken } from './bearer.ts';
import type { Verify } from './verifier.ts';

export interface Caller {
  /** As the manager names it; undefined where nobody says. */
  readonly subject: string | undefined;
  readonly scopes: readonly string[];
}

export type CallerOf = (headers: ReadonlyMap<string, string>) => Caller;

const MAX_SUBJECT_CHARACTERS = 200;
const NOBODY: Caller = { subject: undefined, scopes: [] };

/**
 * For requests that access has let through: the verifier remembers the token, so asking again costs
 * nothing. `verify` is undefined before enrolment, when there are no tokens.
 */
export const makeCallerOf =
  (verify: Verify | undefined): CallerOf =>
  (headers) => {
    const token = bearerToken(headers.get('authorization'));
    const verdict = token === undefined ? undefined : verify?.(token);
    if (verdict?.ok !== true) return NOBODY;
    const { sub, scopes } = verdict.claims;
    return { subject: sub?.slice(0, MAX_SUBJECT_CHARACTERS), scopes };
  };

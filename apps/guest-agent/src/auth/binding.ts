/**
 * A token that may change something is good for one request only: it names the method, the target
 * and the hash of the body, it lives for moments, and it is used once. Whoever sees it pass by can
 * do nothing with it.
 */
import type { HttpRequest } from '../http/message.ts';
import type { Clock, Crypto } from '../platform/platform.ts';
import { encodeBase64Url } from './base64url.ts';
import type { Claims } from './token.ts';

/** Returns what is wrong, or undefined where the token fits the request and is now used up. */
export type CheckBinding = (claims: Claims, request: HttpRequest) => string | undefined;

/** Bounds how long a used token must be remembered, and so how many. */
const MAX_LIFETIME_SECONDS = 300;
const MAX_REMEMBERED = 4096;
const MAX_ID_CHARACTERS = 128;

/** `htu` is the request target as sent; an absolute URL counts by its path and query. */
const targetOf = (htu: string): string => htu.replace(/^https?:\/\/[^/?#]*/u, '');

export const isBound = ({ htm, htu, bsh, jti }: Claims): boolean =>
  htm !== undefined || htu !== undefined || bsh !== undefined || jti !== undefined;

export const makeBindingCheck = (dependencies: {
  readonly crypto: Pick<Crypto, 'sha256'>;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
}): CheckBinding => {
  const { crypto, clock } = dependencies;
  const firstMonotonicMs = clock.monotonicMs();
  const usedUntil = new Map<string, number>();

  const forgetExpired = (nowSeconds: number): void => {
    for (const [id, exp] of usedUntil) if (exp <= nowSeconds) usedUntil.delete(id);
  };

  /**
   * What was used before this start is not remembered, so a token of before this start does not
   * count, and neither does one that is dated ahead to look younger. The start is told by the clock
   * as it stands now: when somebody sets the clock, tokens go by the new one.
   */
  const checkAge = (iat: number): string | undefined => {
    const nowMs = clock.nowMs();
    if (iat * 1000 > nowMs) {
      return 'the token was made in the future (iat); the Date header tells the clock';
    }
    const startMs = nowMs - (clock.monotonicMs() - firstMonotonicMs);
    return iat * 1000 > startMs ? undefined : 'the token is older than this agent process (iat)';
  };

  return (claims, request) => {
    const { htm, htu, bsh, jti, iat, exp } = claims;
    if (
      htm === undefined ||
      htu === undefined ||
      bsh === undefined ||
      jti === undefined ||
      iat === undefined
    ) {
      return 'a token for a change needs all of htm, htu, bsh, jti and iat';
    }
    if (htm !== request.method) return `the token is for ${htm.slice(0, 10)}`;
    if (targetOf(htu) !== request.target) return 'the token is for another path or query (htu)';
    if (bsh !== encodeBase64Url(crypto.sha256(request.body))) {
      return 'the token is for another body (bsh)';
    }
    const nowSeconds = clock.nowMs() / 1000;
    if (exp > nowSeconds + MAX_LIFETIME_SECONDS) {
      return `a token for a change may live ${MAX_LIFETIME_SECONDS} s at most`;
    }
    const tooOld = checkAge(iat);
    if (tooOld !== undefined) return tooOld;
    if (jti === '' || jti.length > MAX_ID_CHARACTERS) {
      return `jti must have 1 to ${MAX_ID_CHARACTERS} characters`;
    }
    forgetExpired(nowSeconds);
    if (usedUntil.has(jti)) return 'the token has been used before (jti)';
    // Forgetting one early would let it be used twice, so at the limit the answer is no.
    if (usedUntil.size >= MAX_REMEMBERED) return 'too many changes in a short time';
    usedUntil.set(jti, exp);
    return undefined;
  };
};

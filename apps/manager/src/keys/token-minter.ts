/**
 * Tokens for agents: compact EdDSA JSON Web Tokens (RFC 7519, RFC 8037) as docs/protocol.md has them.
 * One for looking lives ten minutes and serves many times, so that a pull costs neither side a
 * signature.
 */
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { signToken } from './sign-token.ts';

/** What only looks; tokens for changes are bound to one request, see bound-token.ts. */
export type AgentScope = 'metrics' | 'host' | 'logs' | 'exec' | 'update';

export interface TokenRequest {
  /** The `vm_id` of the agent. */
  readonly audience: string;
  readonly scope: AgentScope;
  /** How far the agent's clock is ahead: the times in the token are by that clock. */
  readonly clockOffsetSeconds: number;
}

export type MintToken = (request: TokenRequest) => string;

export interface TokenMinterOptions {
  /** Another one may take its place. */
  readonly signingKey: () => KeyObject;
  readonly clock: Pick<Clock, 'now'>;
  /** Of tokens that are kept, one per agent and scope; the oldest go first. */
  readonly maxKept?: number;
}

/** Clocks may differ by so much before a token is signed by the agent's. */
export const MAX_CLOCK_DIFFERENCE_SECONDS = 30;

const LIFETIME_SECONDS = 600;
const RENEW_BEFORE_SECONDS = 120;
/**
 * Always there: an agent's `Date` header is anybody's claim, and without it one from the year 2099
 * would earn a token that is good until then.
 */
const NOT_BEFORE_SECONDS = 60;
/** About 30 MB. */
const MAX_KEPT = 65_536;

interface Kept {
  readonly token: string;
  /** By our clock: of agents that are no longer asked, nothing stays longer than their tokens are good. */
  readonly signedAt: number;
  readonly clockOffsetSeconds: number;
  /** Both by the agent's clock. */
  readonly nbf: number;
  readonly renewAt: number;
}

export const makeTokenMinter = (options: TokenMinterOptions): MintToken => {
  const { signingKey, clock, maxKept = MAX_KEPT } = options;
  const kept = new Map<string, Kept>();
  let keptOf: KeyObject | undefined;

  const keep = (key: string, entry: Kept): void => {
    // Put at the end, so that the first is the one that was signed longest ago.
    kept.delete(key);
    for (const [oldest, { signedAt }] of kept) {
      if (kept.size < maxKept && entry.signedAt - signedAt < LIFETIME_SECONDS) break;
      kept.delete(oldest);
    }
    kept.set(key, entry);
  };

  return ({ audience, scope, clockOffsetSeconds }) => {
    const signer = signingKey();
    // An agent may have forgotten the key before.
    if (signer !== keptOf) kept.clear();
    keptOf = signer;
    const key = `${scope} ${audience}`;
    const known = kept.get(key);
    // Not before 1970: the agent takes no negative times.
    const signedAt = Math.floor(clock.now() / 1000);
    const now = Math.max(0, signedAt + clockOffsetSeconds);
    const isGood =
      known !== undefined &&
      // Else our clock was set back since, perhaps with the agent's: not valid yet, for days.
      now >= known.nbf &&
      now < known.renewAt &&
      Math.abs(known.clockOffsetSeconds - clockOffsetSeconds) <= MAX_CLOCK_DIFFERENCE_SECONDS;
    if (isGood) return known.token;
    const exp = now + LIFETIME_SECONDS;
    const nbf = Math.max(0, now - NOT_BEFORE_SECONDS);
    const token = signToken(signer, { aud: audience, scope, nbf, exp });
    const renewAt = exp - RENEW_BEFORE_SECONDS;
    keep(key, { token, signedAt, clockOffsetSeconds, nbf, renewAt });
    return token;
  };
};

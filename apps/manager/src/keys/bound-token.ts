/**
 * Tokens for one change: bound to method, target and body, and counted once by the agent. Whoever
 * keeps `jti` and `iat` can make the same token again, which then counts no second time.
 */
import { createHash, type KeyObject } from 'node:crypto';
import { signToken } from './sign-token.ts';

export interface BoundTokenRequest {
  /** The `vm_id` of the agent. */
  readonly audience: string;
  readonly scope: 'exec' | 'update';
  /** For whom, as the agent's log shall say. */
  readonly subject: string;
  readonly method: 'POST' | 'DELETE';
  /** Path and query, as sent. */
  readonly target: string;
  readonly body: Buffer;
  readonly jti: string;
  /** Seconds, by the agent's clock. */
  readonly iat: number;
}

export type MintBoundToken = (request: BoundTokenRequest) => string;

/** Below the 300 s that an agent accepts, also where its clock is behind. */
const LIFETIME_SECONDS = 240;
/** As in token-minter.ts: the agent's clock is anybody's claim. */
const NOT_BEFORE_SECONDS = 60;
/** Of what the agent writes into its log. */
const MAX_SUBJECT = 128;

export const makeBoundTokenMinter =
  (signingKey: () => KeyObject): MintBoundToken =>
  ({ audience, scope, subject, method, target, body, jti, iat }) =>
    signToken(signingKey(), {
      aud: audience,
      scope,
      sub: subject.slice(0, MAX_SUBJECT),
      htm: method,
      htu: target,
      bsh: createHash('sha256').update(body).digest('base64url'),
      jti,
      iat,
      nbf: Math.max(0, iat - NOT_BEFORE_SECONDS),
      exp: iat + LIFETIME_SECONDS,
    });

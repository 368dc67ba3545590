/**
 * Says whether a token is the manager's and meant for this VM. What it has verified once it
 * remembers until it expires, so the manager's pulls, which use one token for ten minutes, cost one
 * signature check in ten minutes.
 */
import type { Clock, Crypto, TextCodec } from '../platform/platform.ts';
import { parseToken, type Claims } from './token.ts';

export type Verdict =
  | { readonly ok: true; readonly claims: Claims }
  | { readonly ok: false; readonly problem: string };

export type Verify = (token: string) => Verdict;

export interface VerifierDependencies {
  readonly vmId: string;
  /** They may change: a manager can be given another key. */
  readonly keys: () => readonly Uint8Array[];
  readonly crypto: Pick<Crypto, 'verifyEd25519'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly text: TextCodec;
}

/** A manager uses a handful at a time; the oldest goes first. */
const MAX_REMEMBERED = 64;
const MAX_TOKEN_CHARACTERS = 4096;
/** Clocks of manager and guest may differ by this much for a token that is only just valid. */
const LEEWAY_SECONDS = 5;

const refused = (problem: string): Verdict => ({ ok: false, problem });

export const makeVerifier = (dependencies: VerifierDependencies): Verify => {
  const { vmId, keys, crypto, clock, text } = dependencies;
  const remembered = new Map<string, Claims>();
  let rememberedFor = keys();

  const remember = (token: string, claims: Claims): void => {
    if (remembered.size >= MAX_REMEMBERED) {
      const [oldest] = remembered.keys();
      if (oldest !== undefined) remembered.delete(oldest);
    }
    remembered.set(token, claims);
  };

  /** What changes with time is checked at every use; the rest once. */
  const checkTime = (claims: Claims): string | undefined => {
    const nowSeconds = clock.nowMs() / 1000;
    if (claims.exp <= nowSeconds) return 'the token has expired; the Date header tells the clock';
    if (claims.nbf !== undefined && claims.nbf > nowSeconds + LEEWAY_SECONDS) {
      return 'the token is not valid yet; the Date header tells the clock';
    }
    return undefined;
  };

  const checkOnce = (token: string): Verdict => {
    if (token.length > MAX_TOKEN_CHARACTERS) return refused('the token is too long');
    const parsed = parseToken(token, text);
    if (parsed === undefined) return refused('not an EdDSA token with aud, scope and exp');
    const message = text.encodeUtf8(parsed.signedPart);
    const signed = keys().some((key) => crypto.verifyEd25519(key, message, parsed.signature));
    if (!signed) return refused("the token is not signed by this agent's manager");
    if (parsed.claims.aud !== vmId) return refused('the token is for another VM');
    return { ok: true, claims: parsed.claims };
  };

  return (token) => {
    // What a key has signed counts no longer than the key.
    if (rememberedFor !== keys()) remembered.clear();
    rememberedFor = keys();
    const known = remembered.get(token);
    const verdict: Verdict = known === undefined ? checkOnce(token) : { ok: true, claims: known };
    if (!verdict.ok) return verdict;
    const problem = checkTime(verdict.claims);
    if (problem !== undefined) {
      remembered.delete(token);
      return refused(problem);
    }
    if (known === undefined) remember(token, verdict.claims);
    return verdict;
  };
};

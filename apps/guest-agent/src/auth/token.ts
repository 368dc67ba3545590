/**
 * Takes a compact EdDSA JSON Web Token apart (RFC 7519, RFC 8037) without trusting anything in it:
 * whether the signature holds is the verifier's to say.
 */
import type { TextCodec } from '../platform/platform.ts';
import { decodeBase64 } from './base64url.ts';

export interface Claims {
  /** The VM that the token is for. */
  readonly aud: string;
  readonly scopes: readonly string[];
  /** Unix seconds. */
  readonly exp: number;
  readonly nbf?: number;
  /** Unix seconds, with a fraction where the manager knows it. */
  readonly iat?: number;
  /** For whom the manager asks: a user, a token of its own. Only for the log. */
  readonly sub?: string;
  /** The request that the token is bound to: method, target, SHA-256 of the body, used once. */
  readonly htm?: string;
  readonly htu?: string;
  readonly bsh?: string;
  readonly jti?: string;
}

export interface ParsedToken {
  readonly signedPart: string;
  readonly signature: Uint8Array;
  readonly claims: Claims;
}

const SIGNATURE_BYTES = 64;

const parseObject = (encoded: string, text: TextCodec): Map<string, unknown> | undefined => {
  const bytes = decodeBase64(encoded);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text.decodeUtf8(bytes));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return new Map(Object.entries(value));
  } catch {
    // JSON.parse's only failure: the part is not JSON, so the token is not a token.
    return undefined;
  }
};

const stringOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

const secondsOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

const isAbsentOr = (right: (value: unknown) => unknown, value: unknown): boolean =>
  value === undefined || right(value) !== undefined;

/** Undefined where one is there but of a wrong type: what cannot be understood must not be ignored. */
const optionalClaims = (payload: ReadonlyMap<string, unknown>): Partial<Claims> | undefined => {
  const texts = ['htm', 'htu', 'bsh', 'jti', 'sub'].map((name) => payload.get(name));
  const [htm, htu, bsh, jti, sub] = texts;
  const understood =
    ['nbf', 'iat'].every((name) => isAbsentOr(secondsOf, payload.get(name))) &&
    texts.every((value) => isAbsentOr(stringOf, value));
  if (!understood) return undefined;
  const nbf = secondsOf(payload.get('nbf'));
  const iat = secondsOf(payload.get('iat'));
  return {
    ...(nbf !== undefined && { nbf }),
    ...(iat !== undefined && { iat }),
    ...(typeof sub === 'string' && { sub }),
    ...(typeof htm === 'string' && { htm }),
    ...(typeof htu === 'string' && { htu }),
    ...(typeof bsh === 'string' && { bsh }),
    ...(typeof jti === 'string' && { jti }),
  };
};

/** Undefined where the text is no token, or one that lacks what every token must say. */
export const parseToken = (token: string, text: TextCodec): ParsedToken | undefined => {
  const [header = '', payload = '', signature = '', ...rest] = token.split('.');
  if (rest.length > 0) return undefined;
  // Only EdDSA: `none` and the symmetric algorithms are the classic ways around a signature.
  const parameters = parseObject(header, text);
  if (parameters?.get('alg') !== 'EdDSA') return undefined;
  // `crit` lists what must be understood (RFC 7515 4.1.11), and there is nothing that we would.
  if (parameters.has('crit')) return undefined;
  const signatureBytes = decodeBase64(signature);
  if (signatureBytes?.length !== SIGNATURE_BYTES) return undefined;
  const claims = parseObject(payload, text);
  if (claims === undefined) return undefined;
  const aud = stringOf(claims.get('aud'));
  const scope = stringOf(claims.get('scope'));
  const exp = secondsOf(claims.get('exp'));
  if (aud === undefined || scope === undefined || exp === undefined) return undefined;
  const optional = optionalClaims(claims);
  if (optional === undefined) return undefined;
  const scopes = scope.split(' ').filter((word) => word !== '');
  return {
    signedPart: `${header}.${payload}`,
    signature: signatureBytes,
    claims: { aud, scopes, exp, ...optional },
  };
};

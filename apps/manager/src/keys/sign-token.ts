/** A compact EdDSA JSON Web Token: RFC 7519, RFC 8037. */
import { sign, type KeyObject } from 'node:crypto';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = encode({ alg: 'EdDSA', typ: 'JWT' });

/** The same claims are the same token: Ed25519 has nothing random in it (RFC 8032). */
export const signToken = (
  signingKey: KeyObject,
  claims: Readonly<Record<string, unknown>>,
): string => {
  const signedPart = `${HEADER}.${encode(claims)}`;
  const signature = sign(null, Buffer.from(signedPart), signingKey).toString('base64url');
  return `${signedPart}.${signature}`;
};

/** What agents have signed, and what the manager signs for them: Ed25519 (RFC 8032). */
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { SIGNED_AS, type SignedMessage } from '@innkeeper/protocol';

/** SubjectPublicKeyInfo of RFC 8410, up to the 32 bytes. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const publicKeyFrom = (raw: Buffer): KeyObject =>
  createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });

export const isSignedBy = (
  rawPublicKey: Buffer,
  purpose: 'enroll' | 'address',
  { message, signature }: SignedMessage,
): boolean =>
  verify(
    null,
    Buffer.from(`${SIGNED_AS[purpose]}${message}`),
    publicKeyFrom(rawPublicKey),
    Buffer.from(signature, 'base64url'),
  );

export const signAnswer = (signingKey: KeyObject, answer: unknown): SignedMessage => {
  const message = JSON.stringify(answer);
  const signature = sign(null, Buffer.from(`${SIGNED_AS.answer}${message}`), signingKey);
  return { message, signature: signature.toString('base64url') };
};

const FINGERPRINT_CHARACTERS = 16;

/** For people who compare two keys. */
export const fingerprintOf = (rawPublicKey: Buffer): string =>
  createHash('sha256').update(rawPublicKey).digest('base64url').slice(0, FINGERPRINT_CHARACTERS);

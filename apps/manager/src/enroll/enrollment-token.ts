/**
 * A token with which one agent may enrol, once. Its id is told; of the rest only the SHA-256 is
 * kept, with which an agent proves that it has the token without ever sending it: who listens on the
 * way learns nothing that opens anything.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { SIGNED_AS } from '@innkeeper/protocol';
import { makeSecret } from '../auth/secret.ts';

export const TOKEN_LIFETIME_MS = 15 * 60_000;

const ID_BYTES = 9;

export interface NewEnrollmentToken {
  readonly id: string;
  readonly text: string;
  readonly hash: Buffer;
}

export const makeEnrollmentToken = (): NewEnrollmentToken => {
  const id = randomBytes(ID_BYTES).toString('base64url');
  const text = `ie_${id}_${makeSecret()}`;
  return { id, text, hash: createHash('sha256').update(text).digest() };
};

export const isProved = (tokenHash: Buffer, message: string, proof: string): boolean => {
  const expected = createHmac('sha256', tokenHash).update(SIGNED_AS.enroll).update(message);
  const given = Buffer.from(proof, 'base64url');
  const wanted = expected.digest();
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

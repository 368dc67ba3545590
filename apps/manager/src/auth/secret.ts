/**
 * Secrets of tokens, sessions and sign-in links: 256 random bits. What is kept is their SHA-256. A
 * slow hash would add nothing to 256 bits, and a comparison in constant time is not needed: the
 * hash is looked up in a Map, and nobody can choose a secret whose hash is nearly right.
 */
import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** 43 characters. */
export const makeSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** The prefix lets scanners of repositories find a token that somebody has committed. */
export const makeTokenSecret = (): string => `ik_${makeSecret()}`;

export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Ed25519 (RFC 8032) and SHA-256 from Node's OpenSSL. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import type { Crypto } from '../platform.ts';

/** What stands before the 32 key bytes in DER: SubjectPublicKeyInfo and PKCS #8 of RFC 8410. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

const publicKeyFrom = (raw: Uint8Array): ReturnType<typeof createPublicKey> =>
  createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });

const privateKeyFrom = (raw: Uint8Array): ReturnType<typeof createPrivateKey> =>
  createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, raw]), format: 'der', type: 'pkcs8' });

export const nodeCrypto: Crypto = {
  verifyEd25519: (publicKey, message, signature) =>
    verify(null, message, publicKeyFrom(publicKey), signature),
  signEd25519: (privateKey, message) => sign(null, message, privateKeyFrom(privateKey)),
  publicKeyOf: (privateKey) =>
    createPublicKey(privateKeyFrom(privateKey))
      .export({ format: 'der', type: 'spki' })
      .subarray(SPKI_PREFIX.length),
  sha256: (data) => createHash('sha256').update(data).digest(),
  random: (byteCount) => randomBytes(byteCount),
};

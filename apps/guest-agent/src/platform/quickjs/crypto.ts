/** Ed25519 (RFC 8032) and SHA-256 from libsodium, randomness from getrandom(2). */
import type { Crypto } from '../platform.ts';

export const quickjsCrypto: Crypto = {
  verifyEd25519: (publicKey, message, signature) =>
    native.verifyEd25519(publicKey, message, signature),
  signEd25519: (privateKey, message) => native.signEd25519(privateKey, message),
  publicKeyOf: (privateKey) => native.publicKeyOf(privateKey),
  sha256: (data) => native.sha256(data),
  random: (byteCount) => native.random(byteCount),
};

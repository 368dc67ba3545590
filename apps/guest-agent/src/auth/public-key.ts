/**
 * A manager's Ed25519 public key in any spelling that tools print: the 32 raw bytes or the 44 bytes
 * of SubjectPublicKeyInfo in base64, PEM, or a JSON Web Key (RFC 8037).
 */
import { decodeBase64 } from './base64url.ts';

const KEY_BYTES = 32;
/** SubjectPublicKeyInfo of RFC 8410 up to the key: SEQUENCE { SEQUENCE { 1.3.101.112 }, BIT STRING }. */
const SPKI_PREFIX = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

const fromBytes = (bytes: Uint8Array | undefined): Uint8Array | undefined => {
  if (bytes?.length === KEY_BYTES) return bytes;
  const isSpki =
    bytes?.length === SPKI_PREFIX.length + KEY_BYTES &&
    SPKI_PREFIX.every((byte, index) => bytes[index] === byte);
  return isSpki ? bytes.subarray(SPKI_PREFIX.length) : undefined;
};

export const parsePublicKey = (value: unknown): Uint8Array | undefined => {
  if (typeof value === 'string') {
    const body = value
      .replaceAll(/-----(?:BEGIN|END) PUBLIC KEY-----/gu, '')
      .replaceAll(/\s/gu, '');
    return fromBytes(decodeBase64(body));
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('kty' in value && value.kty === 'OKP' && 'crv' in value && value.crv === 'Ed25519')) {
    return undefined;
  }
  return 'x' in value && typeof value.x === 'string' ? fromBytes(decodeBase64(value.x)) : undefined;
};

/** HMAC-SHA256 (RFC 2104), of keys that are no longer than a block. */
import type { Crypto } from '../platform/platform.ts';

const BLOCK_BYTES = 64;

export const hmacSha256 = (
  { sha256 }: Pick<Crypto, 'sha256'>,
  key: Uint8Array,
  message: Uint8Array,
): Uint8Array => {
  const hashed = (mask: number, rest: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(BLOCK_BYTES + rest.length).fill(mask, 0, BLOCK_BYTES);
    for (const [index, byte] of key.entries()) bytes[index] = mask ^ byte;
    bytes.set(rest, BLOCK_BYTES);
    return sha256(bytes);
  };
  return hashed(0x5c, hashed(0x36, message));
};

/**
 * Unpacks an LZ4 block as journald wrote it before systemd 246: the length as 64 bits, then the block
 * (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md).
 */
import { u64 } from './bytes.ts';
import { makeGrowingBytes } from './growing-bytes.ts';
import { malformed } from './zstd/malformed.ts';

const SIZE_BYTES = 8;
const MIN_MATCH = 4;

/** The first `maxBytes` of the content, and how many there are. Throws `Malformed`. */
export const decodeLz4 = (
  bytes: Uint8Array,
  maxBytes: number,
): { readonly bytes: Uint8Array; readonly length: number } => {
  if (bytes.length <= SIZE_BYTES) malformed('no LZ4 block');
  const total = u64(bytes, 0);
  const limit = Math.min(total, maxBytes);
  const output = makeGrowingBytes(limit, Math.max(limit, 1));
  let at = SIZE_BYTES;
  const extended = (nibble: number): number => {
    if (nibble < 15) return nibble;
    let length = nibble;
    for (;;) {
      const more = bytes[at] ?? malformed('a length that does not end');
      at += 1;
      length += more;
      if (more < 255) return length;
    }
  };
  while (output.length() < limit) {
    const token = bytes[at] ?? malformed('a block that does not end');
    at += 1;
    const literals = extended(token >> 4);
    if (at + literals > bytes.length) malformed('literals that do not end');
    output.append(bytes.subarray(at, at + Math.min(literals, limit - output.length())));
    at += literals;
    if (output.length() >= limit || at >= bytes.length) break;
    const distance = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    at += 2;
    const match = extended(token & 15) + MIN_MATCH;
    output.copyBack(distance, Math.min(match, limit - output.length()));
  }
  if (output.length() < limit) malformed('a block that is too short');
  return { bytes: output.result(), length: total };
};

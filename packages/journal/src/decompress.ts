/** What of a journal's packed fields can be unpacked here: zstd and lz4. xz went with systemd 215. */
import type { Decompress } from './field-reader.ts';
import { decodeLz4 } from './lz4.ts';
import { decodeZstd } from './zstd/decode.ts';
import { Malformed } from './zstd/malformed.ts';

export const decompress: Decompress = (compression, packed, maxBytes) => {
  if (compression === 'xz') return undefined;
  try {
    return compression === 'zstd' ? decodeZstd(packed, maxBytes) : decodeLz4(packed, maxBytes);
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
};

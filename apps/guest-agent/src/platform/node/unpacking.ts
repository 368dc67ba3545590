/** Node's own zstd decoder, which it has from 22.15 on. */
import * as zlib from 'node:zlib';
import type { Unpacking } from '../platform.ts';

declare module 'node:zlib' {
  function zstdDecompressSync(
    packed: Uint8Array,
    options: { readonly maxOutputLength: number },
  ): Uint8Array;
}

export const nodeUnpacking: Unpacking = {
  zstd: (packed, maxBytes) => {
    if (!('zstdDecompressSync' in zlib)) return undefined;
    try {
      const bytes = zlib.zstdDecompressSync(packed, { maxOutputLength: maxBytes });
      return { bytes, length: bytes.length };
    } catch {
      // Damaged, or longer than that: Node gives nothing then.
      return undefined;
    }
  },
};

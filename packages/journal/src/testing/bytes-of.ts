/** A file that is in memory; what it holds may be changed while it is read. */
import type { ByteSource } from '../block-cache.ts';

export const bytesOf = (file: { bytes: Uint8Array }): ByteSource => ({
  readAt: (offset, length) => file.bytes.slice(offset, offset + length),
});

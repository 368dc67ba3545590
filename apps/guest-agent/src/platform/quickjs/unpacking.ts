/** libzstd's decoder, which does in microseconds what the core's own one takes a millisecond for. */
import type { Unpacking } from '../platform.ts';

export const quickjsUnpacking: Unpacking = {
  zstd: (packed, maxBytes) => {
    const unpacked = native.unpackZstd(packed, maxBytes);
    return unpacked && { bytes: unpacked[0], length: unpacked[1] };
  },
};

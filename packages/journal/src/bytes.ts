/** Little-endian numbers out of bytes. What lies beyond the end counts as zero: nothing here throws. */

export const u32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)) >>>
  0;

/**
 * Exact up to 2^53, which offsets, sequence numbers and microseconds never reach in an honest file;
 * a larger one comes out rounded and is refused as an offset.
 */
export const u64 = (bytes: Uint8Array, at: number): number =>
  u32(bytes, at + 4) * 0x1_0000_0000 + u32(bytes, at);

const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Whole little-endian numbers of 32 bits; a view where that is possible. */
export const wordsOf = (bytes: Uint8Array): Uint32Array => {
  const count = Math.floor(bytes.length / 4);
  if (!IS_LITTLE_ENDIAN) return Uint32Array.from({ length: count }, (_, at) => u32(bytes, at * 4));
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, count);
};

/** As `u64`, of the bytes from `at` on, a multiple of 4. */
export const longAt = (words: Uint32Array, at: number): number => {
  const low = words[at >> 2] ?? 0;
  const high = words[(at >> 2) + 1] ?? 0;
  // Engines without a JIT have small whole numbers of their own, and this is not one of them.
  return high === 0 ? low : high * 0x1_0000_0000 + low;
};

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** An sd_id128 as systemd writes it: 32 hexadecimal digits. */
export const id128 = (bytes: Uint8Array, at: number): string => {
  let text = '';
  for (let index = 0; index < 16; index += 1) text += HEX[bytes[at + index] ?? 0];
  return text;
};

/** A 64-bit number in hexadecimal without leading zeros, as `%llx` prints it. */
export const hex64 = (words: Uint32Array, at: number): string => {
  const high = words[(at >> 2) + 1] ?? 0;
  const low = (words[at >> 2] ?? 0).toString(16);
  return high === 0 ? low : high.toString(16) + low.padStart(8, '0');
};

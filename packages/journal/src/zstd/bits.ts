/** Bits of a byte array, and the two ways in which Zstandard reads them (RFC 8878 4.1). */
import { malformed } from './malformed.ts';

/** At most 24 bits from bit `at` on; bits before the first and behind the last byte are zero. */
export const bitsAt = (bytes: Uint8Array, at: number, count: number): number => {
  if (at < 0) {
    const missing = -at;
    return missing >= count ? 0 : bitsAt(bytes, 0, count - missing) << missing;
  }
  const from = at >>> 3;
  const word =
    (bytes[from] ?? 0) |
    ((bytes[from + 1] ?? 0) << 8) |
    ((bytes[from + 2] ?? 0) << 16) |
    ((bytes[from + 3] ?? 0) << 24);
  return (word >>> (at & 7)) & ((1 << count) - 1);
};

export const highestBit = (value: number): number => 31 - Math.clz32(value);

/** Reads from the last bit, which is the highest 1 of the last byte, to the first. */
export interface BackwardBits {
  /** May go below the first bit, which gives zeros; `left` tells. */
  read(count: number): number;
  peek(count: number): number;
  skip(count: number): void;
  /** Negative when more was read than there is. */
  left(): number;
}

export const makeBackwardBits = (bytes: Uint8Array): BackwardBits => {
  const last = bytes.at(-1) ?? 0;
  if (last === 0) malformed('a bit stream ends without its mark');
  let at = (bytes.length - 1) * 8 + highestBit(last);
  const read = (count: number): number => {
    if (count > 24) {
      const high = read(count - 16);
      return high * 65_536 + read(16);
    }
    at -= count;
    return count === 0 ? 0 : bitsAt(bytes, at, count);
  };
  return {
    read,
    peek: (count) => bitsAt(bytes, at - count, count),
    skip: (count) => {
      at -= count;
    },
    left: () => at,
  };
};

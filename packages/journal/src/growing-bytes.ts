/** Output of a decoder whose length nobody knows before; never longer than its limit. */
import { malformed } from './zstd/malformed.ts';

export interface GrowingBytes {
  length(): number;
  append(bytes: Uint8Array): void;
  repeat(byte: number, count: number): void;
  /** Copies what was written `distance` bytes before; it may overlap what it writes. */
  copyBack(distance: number, count: number): void;
  result(): Uint8Array;
}

export const makeGrowingBytes = (expected: number, limit: number): GrowingBytes => {
  let bytes = new Uint8Array(Math.min(Math.max(expected, 256), limit));
  let length = 0;
  const reserve = (count: number): void => {
    if (length + count > limit) malformed('more output than is allowed');
    if (length + count <= bytes.length) return;
    const larger = new Uint8Array(Math.min(Math.max(bytes.length * 2, length + count), limit));
    larger.set(bytes);
    bytes = larger;
  };
  return {
    length: () => length,
    append: (more) => {
      reserve(more.length);
      bytes.set(more, length);
      length += more.length;
    },
    repeat: (byte, count) => {
      reserve(count);
      bytes.fill(byte, length, length + count);
      length += count;
    },
    copyBack: (distance, count) => {
      if (distance < 1 || distance > length) malformed('a copy from before the start');
      reserve(count);
      const from = length - distance;
      // What was copied already repeats what it was copied from, so each step can take twice as much.
      for (let done = 0; done < count;) {
        const step = Math.min(distance + done, count - done);
        bytes.copyWithin(length + done, from, from + step);
        done += step;
      }
      length += count;
    },
    result: () => bytes.subarray(0, length),
  };
};

/**
 * Turns the chunks of a stream into text without breaking a character that stands across the border
 * of two chunks. Bytes that are no UTF-8 become U+FFFD, and nothing ends because of them.
 */
import type { TextCodec } from '../platform/platform.ts';

export interface Utf8Decoder {
  push(chunk: Uint8Array): string;
  /** What is left when nothing more comes: half a character is none. */
  end(): string;
}

const NOTHING = new Uint8Array(0);

/** How many bytes a character has that starts with this one; 1 for what starts none. */
const lengthOf = (lead: number): number => {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 1;
};

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

/** How many bytes at the end begin a character that is not whole yet: 0 to 3. */
const unfinished = (bytes: Uint8Array): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (!isContinuation(byte)) return lengthOf(byte) > back ? back : 0;
  }
  return 0;
};

const joined = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
};

export const makeUtf8Decoder = (text: Pick<TextCodec, 'decodeUtf8'>): Utf8Decoder => {
  let held = NOTHING;
  return {
    push: (chunk) => {
      const bytes = joined(held, chunk);
      const keep = unfinished(bytes);
      // Copied, because the platform may use the chunk's memory again.
      held = bytes.slice(bytes.length - keep);
      return text.decodeUtf8(bytes.subarray(0, bytes.length - keep));
    },
    end: () => {
      const rest = text.decodeUtf8(held);
      held = NOTHING;
      return rest;
    },
  };
};

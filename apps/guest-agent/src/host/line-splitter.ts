/**
 * Bytes to lines, wherever the chunks are cut. What waits for its newline is bounded: a longer line
 * is given up at once, what is left of it is skipped, and the next newline starts anew.
 */
import type { TextCodec } from '../platform/platform.ts';

export type SplitLine =
  | { readonly kind: 'line'; readonly text: string }
  /** Longer than the limit. Said once, when the limit is passed. */
  | { readonly kind: 'overlong' };

export interface LineSplitter {
  /** The lines that this chunk completes; blank ones are left out. Keeps no reference to the chunk. */
  push(chunk: Uint8Array): readonly SplitLine[];
  /** As `push`, one at a time, until `take` says false. Says how many bytes are used up. */
  each(chunk: Uint8Array, take: (line: SplitLine) => boolean): number;
  /** Passes over lines without looking at them; says how many end in this chunk. */
  skim(chunk: Uint8Array): number;
  /** Whether a line has begun and has not ended. */
  hasPartial(): boolean;
  /** Forgets the line that has begun: its writer is gone. Says whether anything was forgotten. */
  cut(): boolean;
}

const NEWLINE = 0x0a;
const OVERLONG: SplitLine = { kind: 'overlong' };

const joined = (parts: readonly Uint8Array[], length: number): Uint8Array => {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
};

export const makeLineSplitter = (
  text: Pick<TextCodec, 'decodeUtf8'>,
  maxBytes: number,
): LineSplitter => {
  let parts: Uint8Array[] = [];
  let length = 0;
  let skipping = false;

  const forget = (): void => {
    parts = [];
    length = 0;
  };

  const complete = (tail: Uint8Array): SplitLine | undefined => {
    if (skipping) {
      skipping = false;
      return undefined;
    }
    if (length === 0 && tail.length === 0) return undefined;
    const bytes = length === 0 ? tail : joined([...parts, tail], length + tail.length);
    forget();
    if (bytes.length > maxBytes) return OVERLONG;
    const line = text.decodeUtf8(bytes);
    return line.trim() === '' ? undefined : { kind: 'line', text: line };
  };

  const keep = (rest: Uint8Array): SplitLine | undefined => {
    if (skipping || rest.length === 0) return undefined;
    if (length + rest.length > maxBytes) {
      forget();
      skipping = true;
      return OVERLONG;
    }
    parts.push(rest.slice());
    length += rest.length;
    return undefined;
  };

  const each: LineSplitter['each'] = (chunk, take) => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = complete(chunk.subarray(start, end));
      start = end + 1;
      if (line !== undefined && !take(line)) return start;
    }
    const kept = keep(chunk.subarray(start));
    if (kept !== undefined) take(kept);
    return chunk.length;
  };

  return {
    push: (chunk) => {
      const lines: SplitLine[] = [];
      each(chunk, (line) => lines.push(line) > 0);
      return lines;
    },
    each,
    skim: (chunk) => {
      // An overlong line was said when it passed the limit, not when it ends.
      let ended = skipping ? -1 : 0;
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        ended += 1;
        start = end + 1;
      }
      if (start > 0) {
        skipping = false;
        forget();
      }
      const overlong = keep(chunk.subarray(start)) === undefined ? 0 : 1;
      return Math.max(ended, 0) + overlong;
    },
    hasPartial: () => length > 0 || skipping,
    cut: () => {
      const hadLine = length > 0;
      skipping = false;
      forget();
      return hadLine;
    },
  };
};

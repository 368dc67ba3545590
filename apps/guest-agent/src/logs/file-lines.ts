/** The lines of a file that grows, from any offset on; what has no newline yet is not one. */
import type { ByteFile } from '../platform/platform.ts';

export interface FileLine {
  readonly bytes: Uint8Array;
  readonly startsAt: number;
  /** Behind its newline: where the next one starts. */
  readonly endsAt: number;
  readonly cutBytes: number;
}

export interface FileLines {
  /**
   * `end`: no further line is complete. `more`: the line that has begun is long, and this was
   * enough of it for once.
   */
  next(): FileLine | 'more' | 'end';
  /** The start of a line whose newline has not come. */
  rest(): FileLine | undefined;
  seek(offset: number): void;
  /** Where the next line starts, or the one that has begun. */
  lineStart(): number;
  /** Up to where the file was read. */
  readTo(): number;
}

const MAX_LINE_BYTES = 64 * 1024;
const CHUNK_BYTES = 64 * 1024;
/** Of one line at once: a sparse file can be larger than anybody could read through. */
const ENOUGH_BYTES = 1024 * 1024;
const NEWLINE = 10;
const NOTHING = new Uint8Array(0);

const join = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
};

export const makeFileLines = (file: Pick<ByteFile, 'readAt'>): FileLines => {
  let startsAt = 0;
  let chunk: Uint8Array = NOTHING;
  let chunkAt = 0;
  let position = 0;
  /** Of the line that has begun: at most as much as a line may have, and how long it is. */
  let head: Uint8Array = NOTHING;

  const lineOf = (bytes: Uint8Array, endsAt: number, length: number): FileLine => ({
    bytes: bytes.length > MAX_LINE_BYTES ? bytes.subarray(0, MAX_LINE_BYTES) : bytes,
    startsAt,
    endsAt,
    cutBytes: Math.max(0, length - MAX_LINE_BYTES),
  });

  const keepHead = (part: Uint8Array): void => {
    const room = MAX_LINE_BYTES - head.length;
    if (room > 0) head = join(head, part.subarray(0, room));
  };

  return {
    next: () => {
      for (const enough = chunkAt + ENOUGH_BYTES; ;) {
        const end = chunk.indexOf(NEWLINE, position);
        if (end !== -1) {
          const part = chunk.subarray(position, end);
          const endsAt = chunkAt + end + 1;
          const bytes = head.length === 0 ? part : (keepHead(part), head);
          const line = lineOf(bytes, endsAt, endsAt - 1 - startsAt);
          head = NOTHING;
          position = end + 1;
          startsAt = endsAt;
          return line;
        }
        keepHead(chunk.subarray(position));
        chunkAt += chunk.length;
        chunk = NOTHING;
        position = 0;
        if (chunkAt >= enough) return 'more';
        chunk = file.readAt(chunkAt, CHUNK_BYTES);
        if (chunk.length === 0) return 'end';
      }
    },
    rest: () => {
      const length = chunkAt - startsAt;
      return length === 0 ? undefined : lineOf(head, chunkAt, length);
    },
    seek: (offset) => {
      startsAt = offset;
      chunkAt = offset;
      chunk = NOTHING;
      position = 0;
      head = NOTHING;
    },
    lineStart: () => startsAt,
    readTo: () => chunkAt + chunk.length,
  };
};

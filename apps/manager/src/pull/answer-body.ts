/**
 * Collects the body of an answer up to a limit. Most come in one piece, which is kept as it is; the
 * others are copied together, because a body in millions of tiny chunks would otherwise cost a
 * hundred times its size.
 */
export interface AnswerBody {
  /** False: there is more than the limit allows, of bytes or of pieces. */
  add(chunk: Buffer): boolean;
  bytes(): Buffer;
}

/** A body of 4 MiB in packets of 1,448 bytes has 2,900 pieces. */
const MAX_PIECES = 8192;
const MIN_CAPACITY = 16 * 1024;
const EMPTY = Buffer.alloc(0);

export const makeAnswerBody = (maxBytes: number): AnswerBody => {
  let buffer: Buffer = EMPTY;
  let length = 0;
  let pieces = 0;
  return {
    add: (chunk) => {
      pieces += 1;
      if (length + chunk.length > maxBytes || pieces > MAX_PIECES) return false;
      if (pieces === 1) {
        buffer = chunk;
        length = chunk.length;
        return true;
      }
      if (pieces === 2 || length + chunk.length > buffer.length) {
        const capacity = Math.max(MIN_CAPACITY, 2 * (length + chunk.length));
        const grown = Buffer.allocUnsafe(capacity);
        buffer.copy(grown, 0, 0, length);
        buffer = grown;
      }
      chunk.copy(buffer, length);
      length += chunk.length;
      return true;
    },
    bytes: () => (buffer.length === length ? buffer : buffer.subarray(0, length)),
  };
};

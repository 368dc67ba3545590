/**
 * Lines out of what a guest sends, wherever it is cut. One that is longer than any message is skipped to
 * its end, so that the next one is read again.
 */
export interface LineEvents {
  line(bytes: Buffer): void;
  /** So many bytes were no line that anybody could use. */
  junk(bytes: number): void;
}

const LF = 10;
/** A message comes in pieces of what a socket holds; single bytes would cost a hundred times its size. */
const MAX_PIECES = 4096;

export const makeLineIntake = (events: LineEvents, maxBytes: number): ((chunk: Buffer) => void) => {
  let pieces: Buffer[] = [];
  let length = 0;
  let isSkipping = false;

  const keep = (rest: Buffer): void => {
    if (rest.length === 0) return;
    if (isSkipping || length + rest.length > maxBytes || pieces.length === MAX_PIECES) {
      events.junk(length + rest.length);
      isSkipping = true;
      pieces = [];
      length = 0;
      return;
    }
    pieces.push(rest);
    length += rest.length;
  };

  const end = (rest: Buffer): void => {
    keep(rest);
    const [first] = pieces;
    const line = pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
    const isWhole = !isSkipping;
    pieces = [];
    length = 0;
    isSkipping = false;
    if (isWhole && line.length > 0) events.line(line);
  };

  return (chunk) => {
    let at = 0;
    for (let to = chunk.indexOf(LF); to !== -1; to = chunk.indexOf(LF, at)) {
      end(chunk.subarray(at, to));
      at = to + 1;
    }
    keep(chunk.subarray(at));
  };
};

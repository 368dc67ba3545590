/**
 * Takes a stream of server-sent events apart as it comes:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html. It works on bytes, so that each
 * piece of data is decoded once and keeps nothing of the chunk that it came in. An `id` is told with its
 * own event and no other. Line ends are LF or CRLF; no agent sends a lone CR.
 */

export interface SseEvents {
  event(name: string, data: string, id: string | undefined): void;
  /** It was longer than an event may be; the next one is read again. */
  tooLong(): void;
}

export interface SseParser {
  push(chunk: Buffer): void;
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const NOTHING = Buffer.alloc(0);

const DATA = Buffer.from('data:');
const EVENT = Buffer.from('event:');
const ID = Buffer.from('id:');
const MAX_NAME_BYTES = 64;
/** Of one line: 8 MB in the packets of a network have some six thousand, single bytes have millions. */
const MAX_PIECES = 16_384;

const startsWith = (line: Buffer, start: number, end: number, field: Buffer): boolean =>
  end - start >= field.length &&
  field.compare(line, start, start + field.length, 0, field.length) === 0;

export const makeSseParser = (events: SseEvents, maxEventBytes: number): SseParser => {
  /** The start of a line whose end has not come, as it came. */
  let pieces: Buffer[] = [];
  let pieceBytes = 0;
  let name = '';
  let data: string | undefined;
  let id: string | undefined;
  let eventBytes = 0;
  /** Until the next empty line. */
  let isTooLong = false;

  const endEvent = (): void => {
    if (isTooLong) events.tooLong();
    else if (data !== undefined) events.event(name, data, id);
    name = '';
    data = undefined;
    id = undefined;
    eventBytes = 0;
    isTooLong = false;
  };

  /** Behind the colon, and one space if there is one. */
  const valueStart = (bytes: Buffer, start: number, field: Buffer): number => {
    const at = start + field.length;
    return bytes[at] === SPACE ? at + 1 : at;
  };

  const takeLine = (bytes: Buffer, start: number, lineEnd: number): void => {
    const end = lineEnd > start && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    if (end === start) {
      endEvent();
      return;
    }
    eventBytes += end - start;
    if (eventBytes > maxEventBytes) isTooLong = true;
    if (isTooLong) return;
    if (startsWith(bytes, start, end, DATA)) {
      const text = bytes.toString('utf8', valueStart(bytes, start, DATA), end);
      data = data === undefined ? text : `${data}\n${text}`;
    } else if (startsWith(bytes, start, end, EVENT)) {
      const from = valueStart(bytes, start, EVENT);
      name = bytes.toString('latin1', from, Math.min(end, from + MAX_NAME_BYTES));
    } else if (startsWith(bytes, start, end, ID)) {
      id = bytes.toString('utf8', valueStart(bytes, start, ID), end);
    }
  };

  const keep = (rest: Buffer): void => {
    if (rest.length === 0) return;
    const isOver = eventBytes + pieceBytes + rest.length > maxEventBytes;
    if (isTooLong || isOver || pieces.length === MAX_PIECES) {
      // What it says does not matter any more, but its end does: an empty line.
      isTooLong = true;
      pieces = [rest.subarray(rest.length - 1)];
      pieceBytes = 1;
      return;
    }
    pieces.push(rest);
    pieceBytes += rest.length;
  };

  return {
    push: (chunk) => {
      let at = 0;
      if (pieces.length > 0) {
        const first = chunk.indexOf(LF);
        if (first === -1) {
          keep(chunk);
          return;
        }
        pieces.push(chunk.subarray(0, first));
        const line = pieces.length === 1 ? (pieces[0] ?? NOTHING) : Buffer.concat(pieces);
        pieces = [];
        pieceBytes = 0;
        takeLine(line, 0, line.length);
        at = first + 1;
      }
      for (let end = chunk.indexOf(LF, at); end !== -1; end = chunk.indexOf(LF, at)) {
        takeLine(chunk, at, end);
        at = end + 1;
      }
      keep(chunk.subarray(at));
    },
  };
};

/**
 * Collects the body of one request from the chunks that a socket delivers, whole or in RFC 9112
 * chunks, up to a limit. Chunk extensions and trailers are read past, within the same limit.
 */
import type { Refusal } from './message.ts';
import type { BodyFraming } from './request-head.ts';

export type BodyProgress =
  | { readonly state: 'more' }
  | { readonly state: 'done'; readonly body: Uint8Array; readonly surplus: number }
  | { readonly state: 'refused'; readonly refusal: Refusal };

export interface BodyReader {
  feed(bytes: Uint8Array): BodyProgress;
}

const MAX_LINE = 1024;
const CR = 13;
const LF = 10;
const MORE: BodyProgress = { state: 'more' };
const NOTHING = new Uint8Array(0);

const tooLarge = (maxBytes: number): BodyProgress => ({
  state: 'refused',
  refusal: {
    status: 413,
    code: 'body_too_large',
    message: `the request body may have at most ${maxBytes} bytes`,
  },
});

const malformed = (message: string): BodyProgress => ({
  state: 'refused',
  refusal: { status: 400, code: 'malformed_request', message },
});

const FIRST_BYTES = 1024;
/** So much has arrived before all the room is taken at once. */
const DOUBLING_BYTES = 64 * 1024;

/**
 * The body in one piece. A list of the parts would cost a peer one byte and the agent two hundred,
 * where a chunk may be as short as that. A short one doubles when it is full; a long one would have
 * up to three times its size in memory that way.
 */
const makeBody = (
  maxBytes: number,
): { add(part: Uint8Array): void; length(): number; bytes(): Uint8Array } => {
  let buffer = NOTHING;
  let length = 0;
  return {
    // Copies, because the platform may use the part's memory again.
    add: (part) => {
      const needed = length + part.length;
      if (needed > buffer.length) {
        const doubled = Math.max(buffer.length * 2, FIRST_BYTES);
        const isLong = needed > DOUBLING_BYTES;
        const room = isLong ? maxBytes : Math.max(needed, Math.min(maxBytes, doubled));
        const larger = new Uint8Array(room);
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(part, length);
      length = needed;
    },
    length: () => length,
    bytes: () => buffer.subarray(0, length),
  };
};

const readLength = (length: number): BodyReader => {
  const body = makeBody(length);
  return {
    feed: (bytes) => {
      const part = bytes.subarray(0, length - body.length());
      body.add(part);
      if (body.length() < length) return MORE;
      return { state: 'done', body: body.bytes(), surplus: bytes.length - part.length };
    },
  };
};

/** The size at the start of a chunk line, or undefined where there is none. */
const parseChunkSize = (line: string): number | undefined => {
  const digits = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/u.exec(line)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
};

const readChunked = (maxBytes: number): BodyReader => {
  const body = makeBody(maxBytes);
  let lineBytesLeft = maxBytes;
  let expecting: 'size' | 'data' | 'data-end' | 'trailer' = 'size';
  let inChunk = 0;
  let line = '';

  /** Returns what a complete line leads to; undefined means: go on reading. */
  const onLine = (text: string): 'end' | BodyProgress | undefined => {
    if (expecting === 'trailer') return text === '' ? 'end' : undefined;
    if (expecting === 'data-end') {
      expecting = 'size';
      return text === '' ? undefined : malformed('a chunk is longer than its size says');
    }
    const size = parseChunkSize(text);
    if (size === undefined) return malformed('a chunk does not start with its size in hex');
    if (body.length() + size > maxBytes) return tooLarge(maxBytes);
    inChunk = size;
    expecting = size === 0 ? 'trailer' : 'data';
    return undefined;
  };

  const feedLineByte = (byte: number): 'end' | BodyProgress | undefined => {
    lineBytesLeft -= 1;
    if (lineBytesLeft < 0 || line.length > MAX_LINE) return malformed('a chunk line is too long');
    if (byte !== LF) {
      line += String.fromCharCode(byte);
      return undefined;
    }
    if (line.charCodeAt(line.length - 1) !== CR) return malformed('a chunk line ends without CR');
    const text = line.slice(0, -1);
    line = '';
    return onLine(text);
  };

  const feed = (bytes: Uint8Array): BodyProgress => {
    let offset = 0;
    while (offset < bytes.length) {
      if (expecting === 'data') {
        const part = bytes.subarray(offset, offset + inChunk);
        body.add(part);
        inChunk -= part.length;
        offset += part.length;
        if (inChunk === 0) expecting = 'data-end';
        continue;
      }
      const outcome = feedLineByte(bytes[offset] ?? LF);
      offset += 1;
      if (outcome === 'end') {
        return { state: 'done', body: body.bytes(), surplus: bytes.length - offset };
      }
      if (outcome !== undefined) return outcome;
    }
    return MORE;
  };
  return { feed };
};

export const makeBodyReader = (framing: BodyFraming, maxBytes: number): BodyReader => {
  switch (framing.kind) {
    case 'none':
      return { feed: (bytes) => ({ state: 'done', body: NOTHING, surplus: bytes.length }) };
    case 'length':
      return framing.length > maxBytes
        ? { feed: () => tooLarge(maxBytes) }
        : readLength(framing.length);
    case 'chunked':
      return readChunked(maxBytes);
    default: {
      const never: never = framing;
      return never;
    }
  }
};

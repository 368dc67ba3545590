/**
 * Turns the bytes of a connection into one request at a time: head, then body. It knows nothing of
 * sockets and timers.
 */
import type { TextCodec } from '../platform/platform.ts';
import { makeBodyReader, type BodyReader } from './body-reader.ts';
import type { BodyRoom, MakeBodyRoom } from './body-room.ts';
import type { HttpLimits } from './limits.ts';
import type { Refusal } from './message.ts';
import { parseRequestHead, type RequestHead } from './request-head.ts';

export type ReadProgress =
  | { readonly state: 'more'; readonly sendContinue: boolean }
  | {
      readonly state: 'request';
      readonly head: RequestHead;
      readonly body: Uint8Array;
      /** The peer did not wait for the answer: pipelining, which the agent does not do. */
      readonly surplus: boolean;
    }
  | { readonly state: 'refused'; readonly refusal: Refusal };

export interface RequestReader {
  /** True between the first byte of a request and its last. */
  begun(): boolean;
  feed(chunk: Uint8Array): ReadProgress;
  /** Nothing more will come; what is held for a body is free again. */
  abandon(): void;
}

const CR = 13;
const LF = 10;
/** A head of just the allowed length may lack the last byte of its CR LF CR LF. */
const UNFINISHED_END = 3;
const NOTHING = new Uint8Array(0);
/** Of a handshake of TLS, which ends in no empty line: without an answer the client would only wait. */
const HANDSHAKE = 0x16;
const NO_TLS: Refusal = {
  status: 400,
  code: 'no_tls',
  message: 'this agent speaks no TLS: it has not enrolled itself, or its setting tls is off',
};

/** The offset of the empty line that ends a head, or -1. */
const findHeadEnd = (bytes: Uint8Array, from: number): number => {
  for (let at = bytes.indexOf(CR, from); at !== -1; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] === LF && bytes[at + 2] === CR && bytes[at + 3] === LF) return at;
  }
  return -1;
};

const append = (earlier: Uint8Array, later: Uint8Array): Uint8Array => {
  const joined = new Uint8Array(earlier.length + later.length);
  joined.set(earlier);
  joined.set(later, earlier.length);
  return joined;
};

/** Robust clients send an empty line after a body now and then; RFC 9112 2.2 says to skip it. */
const skipLeadingLineBreaks = (bytes: Uint8Array): Uint8Array => {
  let start = 0;
  while (bytes[start] === CR && bytes[start + 1] === LF) start += 2;
  return start === 0 ? bytes : bytes.subarray(start);
};

export const makeRequestReader = (
  text: TextCodec,
  limits: Pick<HttpLimits, 'headBytes' | 'headerCount'>,
  bodyRoom: MakeBodyRoom,
): RequestReader => {
  let pending = NOTHING;
  let room: Extract<BodyRoom, { ok: true }> | undefined;
  let current: { readonly head: RequestHead; readonly body: BodyReader } | undefined;

  const readBody = (
    reading: { readonly head: RequestHead; readonly body: BodyReader },
    bytes: Uint8Array,
    sendContinue: boolean,
  ): ReadProgress => {
    const progress = reading.body.feed(bytes);
    if (progress.state === 'more') return { state: 'more', sendContinue };
    current = undefined;
    room?.release();
    if (progress.state === 'refused') return progress;
    const { body, surplus } = progress;
    return { state: 'request', head: reading.head, body, surplus: surplus > 0 };
  };

  const readHead = (chunk: Uint8Array): ReadProgress => {
    const searchFrom = Math.max(0, pending.length - 3);
    // Only a lone CR can be pending where there is something to skip, so `searchFrom` stays right.
    const bytes = skipLeadingLineBreaks(pending.length === 0 ? chunk : append(pending, chunk));
    if (bytes[0] === HANDSHAKE) return { state: 'refused', refusal: NO_TLS };
    const end = findHeadEnd(bytes, searchFrom);
    if (
      end > limits.headBytes ||
      (end === -1 && bytes.length > limits.headBytes + UNFINISHED_END)
    ) {
      const message = `the request line and headers may have at most ${limits.headBytes} bytes`;
      return { state: 'refused', refusal: { status: 431, code: 'headers_too_large', message } };
    }
    if (end === -1) {
      // Copied, because the platform may use the chunk's memory again.
      pending = bytes.slice();
      return { state: 'more', sendContinue: false };
    }
    pending = NOTHING;
    const parsed = parseRequestHead(text.decodeLatin1(bytes.subarray(0, end)), limits.headerCount);
    if (!parsed.ok) return { state: 'refused', refusal: parsed.refusal };
    const { head } = parsed;
    const given = bodyRoom(head);
    if (!given.ok) return { state: 'refused', refusal: given.refusal };
    room = given;
    current = { head, body: makeBodyReader(head.framing, room.maxBytes) };
    return readBody(current, bytes.subarray(end + 4), head.expectsContinue);
  };

  return {
    begun: () => pending.length > 0 || current !== undefined,
    feed: (chunk) => (current === undefined ? readHead(chunk) : readBody(current, chunk, false)),
    abandon: () => room?.release(),
  };
};

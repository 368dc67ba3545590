import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeText } from '../platform/node/text.ts';
import { latin1Bytes } from '../testing/latin1-bytes.ts';
import { makeBodyRooms } from './body-room.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { makeRequestReader, type ReadProgress } from './request-reader.ts';

const LIMITS = { ...DEFAULT_LIMITS, headBytes: 200, headerCount: 5, bodyBytes: 100 };

const makeReader = () => makeRequestReader(nodeText, LIMITS, makeBodyRooms(LIMITS.bodyBytes));

/** Feeds piece by piece until the reader has made up its mind. */
const feedAll = (pieces: readonly Uint8Array[]): ReadProgress => {
  const reader = makeReader();
  let progress: ReadProgress = { state: 'more', sendContinue: false };
  for (const piece of pieces) {
    // What a socket delivers is only good during the call.
    const memory = piece.slice();
    progress = reader.feed(memory);
    memory.fill(0x58);
    if (progress.state !== 'more') return progress;
  }
  return progress;
};

const feed = (...texts: readonly string[]): ReadProgress => feedAll(texts.map(latin1Bytes));

const cut = (bytes: Uint8Array, at: readonly number[]): Uint8Array[] => {
  const points = [...new Set(at.map((point) => point % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...points].map((from, index) => bytes.subarray(from, points[index] ?? bytes.length));
};

const POST = 'POST /exec?a=1 HTTP/1.1\r\nHost: vm\r\n';

describe('makeRequestReader', () => {
  it('gives the request when its last byte has come', () => {
    const progress = feed(`${POST}Content-Length: 4\r\n\r\n`, 'bo', 'dy');
    expect(progress).toMatchObject({ state: 'request', surplus: false });
    expect(progress.state === 'request' && nodeText.decodeUtf8(progress.body)).toBe('body');
    expect(progress.state === 'request' && progress.head.target).toBe('/exec?a=1');
  });

  it('says that a request has begun from its first byte on', () => {
    const reader = makeReader();
    expect(reader.begun()).toBe(false);
    reader.feed(latin1Bytes('P'));
    expect(reader.begun()).toBe(true);
    reader.feed(latin1Bytes(`${POST.slice(1)}Content-Length: 2\r\n\r\n`));
    expect(reader.begun()).toBe(true);
    reader.feed(latin1Bytes('ab'));
    expect(reader.begun()).toBe(false);
  });

  it('refuses a handshake of TLS at its first byte', () => {
    expect(feedAll([Uint8Array.from([0x16])])).toMatchObject({
      state: 'refused',
      refusal: { status: 400, code: 'no_tls' },
    });
  });

  it('does not take empty lines for a request that has begun', () => {
    const reader = makeReader();
    reader.feed(latin1Bytes('\r\n\r\n'));
    expect(reader.begun()).toBe(false);
    expect(reader.feed(latin1Bytes('\r\nGET / HTTP/1.0\r\n\r\n')).state).toBe('request');
  });

  it.each([
    ['a second request', 'GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n'],
    ['bytes after a body', `${POST}Content-Length: 1\r\n\r\nab`],
    ['bytes after a chunked body', `${POST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nx`],
  ])('tells of %s that came without waiting for the answer', (_, text) => {
    expect(feed(text)).toMatchObject({ state: 'request', surplus: true });
  });

  it('asks to send 100 Continue once, when the body is still to come', () => {
    const reader = makeReader();
    const head = latin1Bytes(`${POST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`);
    expect(reader.feed(head)).toEqual({ state: 'more', sendContinue: true });
    expect(reader.feed(latin1Bytes('a'))).toEqual({ state: 'more', sendContinue: false });
    expect(reader.feed(latin1Bytes('b')).state).toBe('request');
  });

  it('does not ask a client to continue whose body is too large', () => {
    expect(feed(`${POST}Expect: 100-continue\r\nContent-Length: 101\r\n\r\n`)).toMatchObject({
      state: 'refused',
      refusal: { status: 413 },
    });
  });

  it('waits for the end of a head whose lines end with a bare LF, and refuses it at the limit', () => {
    expect(feed('GET / HTTP/1.1\nHost: vm\n\n').state).toBe('more');
    expect(feed('GET / HTTP/1.1\nHost: vm\n\n', 'x'.repeat(200))).toMatchObject({
      state: 'refused',
      refusal: { status: 431 },
    });
  });

  describe('at the limit of the head', () => {
    const headOf = (length: number): string => {
      const start = 'GET / HTTP/1.1\r\nHost: vm\r\nX: ';
      return `${start}${'x'.repeat(length - start.length)}\r\n\r\n`;
    };

    it.each([1, 2, 3, 4])(
      'takes the largest head also when its last %i bytes come later',
      (late) => {
        const text = headOf(LIMITS.headBytes);
        expect(feed(text.slice(0, -late), text.slice(-late)).state).toBe('request');
      },
    );

    it('refuses one byte more, however it comes', () => {
      const text = headOf(LIMITS.headBytes + 1);
      expect(feed(text)).toMatchObject({ state: 'refused', refusal: { status: 431 } });
      expect(feedAll([...latin1Bytes(text)].map((byte) => Uint8Array.of(byte)))).toMatchObject({
        state: 'refused',
        refusal: { status: 431 },
      });
    });

    it('refuses an endless head as soon as it is too long', () => {
      expect(feed('x'.repeat(LIMITS.headBytes + 4))).toMatchObject({
        state: 'refused',
        refusal: { status: 431 },
      });
    });
  });

  it('comes to the same end however a request is cut into pieces', () => {
    const body = fc.uint8Array({ maxLength: 40 });
    const request = fc.record({
      emptyLines: fc.integer({ min: 0, max: 2 }),
      framing: fc.constantFrom('none', 'length', 'chunked', 'both', 'broken'),
      body,
      surplus: fc.constantFrom('', '\r\n', 'GET / HTTP/1.1\r\n'),
    });
    const bytesOf = (parts: {
      readonly emptyLines: number;
      readonly framing: string;
      readonly body: Uint8Array;
      readonly surplus: string;
    }): Uint8Array => {
      const text = Buffer.from(parts.body).toString('latin1');
      const length = `Content-Length: ${text.length}\r\n`;
      const chunks = 'Transfer-Encoding: chunked\r\n';
      const chunk = text === '' ? '' : `${text.length.toString(16)};x\r\n${text}\r\n`;
      const rest: Readonly<Record<string, string>> = {
        none: '\r\n',
        length: `${length}\r\n${text}`,
        chunked: `${chunks}\r\n${chunk}0\r\nX: y\r\n\r\n`,
        both: `${length}${chunks}\r\n${text}`,
        broken: `${chunks}\r\n+1\r\n${text}`,
      };
      const framed = rest[parts.framing] ?? '';
      return latin1Bytes(`${'\r\n'.repeat(parts.emptyLines)}${POST}${framed}${parts.surplus}`);
    };
    fc.assert(
      fc.property(request, fc.array(fc.nat({ max: 400 }), { maxLength: 12 }), (parts, at) => {
        const bytes = bytesOf(parts);
        const whole = feedAll([bytes]);
        const pieces = feedAll(cut(bytes, at));
        // Only whether more has come already may depend on what has come.
        const outcome = (progress: ReadProgress) =>
          progress.state === 'request' ? { ...progress, surplus: undefined } : progress;
        expect(whole.state).not.toBe('more');
        expect(outcome(pieces)).toEqual(outcome(whole));
      }),
      { numRuns: 300 },
    );
  });

  it('ends every stream of bytes as a request, a refusal or a wait, and never throws', () => {
    const fragment = fc.constantFrom(
      'GET / HTTP/1.1\r\n',
      'Host: vm\r\n',
      'Content-Length: 3\r\n',
      'Transfer-Encoding: chunked\r\n',
      '\r\n',
      '\n',
      '\r',
      '3\r\nabc\r\n',
      '0\r\n\r\n',
      '\0',
      ': ',
      ' ',
    );
    const noise = fc
      .uint8Array({ maxLength: 30 })
      .map((bytes) => Buffer.from(bytes).toString('latin1'));
    fc.assert(
      fc.property(fc.array(fc.oneof(fragment, noise), { maxLength: 20 }), (texts) => {
        const progress = feed(...texts);
        if (progress.state !== 'refused') return;
        expect(progress.refusal.status).toBeGreaterThanOrEqual(400);
        expect(progress.refusal.status).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
  });
});

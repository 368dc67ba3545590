import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latin1Bytes } from '../testing/latin1-bytes.ts';
import { makeBodyReader, type BodyProgress } from './body-reader.ts';
import type { BodyFraming } from './request-head.ts';

const MAX = 100;

const read = (framing: BodyFraming, ...pieces: readonly string[]): BodyProgress => {
  const reader = makeBodyReader(framing, MAX);
  let progress: BodyProgress = { state: 'more' };
  for (const piece of pieces) progress = reader.feed(latin1Bytes(piece));
  return progress;
};

const chunked = (...pieces: readonly string[]): BodyProgress =>
  read({ kind: 'chunked' }, ...pieces);

const done = (body: string, surplus = 0): BodyProgress => ({
  state: 'done',
  body: latin1Bytes(body),
  surplus,
});

const statusOf = (progress: BodyProgress): number | string =>
  progress.state === 'refused' ? progress.refusal.status : progress.state;

describe('makeBodyReader', () => {
  it('ends at once where there is no body, and counts what follows', () => {
    expect(read({ kind: 'none' }, '')).toEqual(done(''));
    expect(read({ kind: 'none' }, 'GET ')).toEqual(done('', 4));
  });

  it('collects a body of known length from pieces', () => {
    expect(read({ kind: 'length', length: 5 }, '', 'ab', 'c')).toEqual({ state: 'more' });
    expect(read({ kind: 'length', length: 5 }, '', 'ab', 'cde')).toEqual(done('abcde'));
    expect(read({ kind: 'length', length: 5 }, 'abcdefg')).toEqual(done('abcde', 2));
    expect(read({ kind: 'length', length: 0 }, '')).toEqual(done(''));
  });

  it('refuses a length above the limit before anything has arrived', () => {
    expect(statusOf(read({ kind: 'length', length: MAX }, ''))).toBe('more');
    expect(statusOf(read({ kind: 'length', length: MAX + 1 }, ''))).toBe(413);
  });

  it.each([
    ['chunks', '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n', 'abcde'],
    ['no chunk at all', '0\r\n\r\n', ''],
    [
      'hexadecimal sizes',
      'A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n',
      '01234567890123456789a',
    ],
    ['sizes with zeros in front', '00000003\r\nabc\r\n000\r\n\r\n', 'abc'],
    ['extensions', '3;name=value;other="x y"\r\nabc\r\n0;last\r\n\r\n', 'abc'],
    ['spaces before an extension', '3 \t;a\r\nabc\r\n0\r\n\r\n', 'abc'],
    ['trailers', '3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n', 'abc'],
    ['line ends inside a chunk', '4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n'],
  ])('reads a chunked body with %s', (_, text, body) => {
    expect(chunked(text)).toEqual(done(body));
  });

  it('counts what follows a chunked body', () => {
    expect(chunked('1\r\na\r\n0\r\n\r\nGET / ')).toEqual(done('a', 6));
  });

  it.each([
    ['a plus sign', '+3\r\nabc\r\n0\r\n\r\n'],
    ['a minus sign', '-3\r\nabc\r\n0\r\n\r\n'],
    ['a 0x', '0x3\r\nabc\r\n0\r\n\r\n'],
    ['an underscore', '1_0\r\n'],
    ['a space in front', ' 3\r\nabc\r\n'],
    ['more digits than any size needs', '000000003\r\nabc\r\n'],
    ['64 bits that overflow', '10000000000000003\r\nabc\r\n'],
    ['nothing', '\r\n'],
    ['only an extension', ';a=b\r\n'],
    ['a size that is followed by something else', '3 abc\r\n'],
    ['no hexadecimal digit', 'g\r\n'],
    ['a bare LF', '3\nabc\r\n'],
    ['a bare CR in an extension', '3;a\rb\r\nabc\r\n'],
  ])('refuses a chunk size with %s', (_, text) => {
    expect(statusOf(chunked(text))).toBe(400);
  });

  it.each([
    ['is longer than its size', '3\r\nabcd\r\n0\r\n\r\n'],
    ['is shorter than its size', '5\r\nabc\r\n0\r\n\r\n'],
    ['ends with a bare LF', '3\r\nabc\n0\r\n\r\n'],
    ['ends with a bare CR', '3\r\nabc\r0\r\n\r\n'],
    ['is followed by the next size at once', '3\r\nabc0\r\n\r\n'],
  ])('refuses a chunk that %s', (_, text) => {
    expect(statusOf(chunked(text))).toBe(400);
  });

  it('refuses a bare LF in the trailers', () => {
    expect(statusOf(chunked('0\r\nX: 1\n\r\n'))).toBe(400);
  });

  it.each([
    ['one chunk', '65\r\n'],
    ['the largest size that can be written', 'ffffffff\r\n'],
    ['the sum of chunks', `32\r\n${'a'.repeat(50)}\r\n33\r\n`],
  ])('refuses a body above the limit by %s, without waiting for it', (_, text) => {
    expect(statusOf(chunked(text))).toBe(413);
  });

  it('takes a chunked body of exactly the limit', () => {
    expect(chunked(`64\r\n${'a'.repeat(MAX)}\r\n0\r\n\r\n`)).toEqual(done('a'.repeat(MAX)));
  });

  it.each([
    ['an endless extension', '1;', 'x'],
    ['endless trailers', '0\r\n', 'X: 1\r\n'],
    ['endless sizes', '', '1;x\r\na\r\n'],
  ])('refuses %s', (_, start, endless) => {
    expect(statusOf(chunked(start + endless.repeat(2000)))).not.toBe('more');
  });

  it.each([
    '3',
    '3\r',
    '3\r\n',
    '3\r\nab',
    '3\r\nabc',
    '3\r\nabc\r',
    '3\r\nabc\r\n',
    '0\r\n',
    '0\r\n\r',
  ])('waits for more after %j', (text) => {
    expect(chunked(text)).toEqual({ state: 'more' });
  });

  it('keeps all of a large body that comes in many pieces', () => {
    const text = Array.from({ length: 5000 }, (_, index) => `${index} `).join('');
    for (const framing of [{ kind: 'length', length: text.length }, { kind: 'chunked' }] as const) {
      const reader = makeBodyReader(framing, 1_000_000);
      const size = text.length.toString(16);
      const sent = framing.kind === 'length' ? text : `${size}\r\n${text}\r\n0\r\n\r\n`;
      let progress: BodyProgress = { state: 'more' };
      for (let at = 0; at < sent.length; at += 700) {
        expect(progress.state).toBe('more');
        progress = reader.feed(latin1Bytes(sent.slice(at, at + 700)));
      }
      expect(progress).toEqual(done(text));
    }
  });

  it('bounds each line of a chunked body, however large the body may be', () => {
    const statusAfter = (extension: number): number | string => {
      const reader = makeBodyReader({ kind: 'chunked' }, 1_000_000);
      return statusOf(reader.feed(latin1Bytes(`1;${'x'.repeat(extension)}\r\na\r\n`)));
    };
    expect([statusAfter(500), statusAfter(2000)]).toEqual(['more', 400]);
  });

  it('does not keep hold of memory that the platform may use again', () => {
    for (const framing of [{ kind: 'length', length: 6 }, { kind: 'chunked' }] as const) {
      const reader = makeBodyReader(framing, MAX);
      const [first, second] =
        framing.kind === 'length' ? ['abc', 'def'] : ['6\r\nabc', 'def\r\n0\r\n\r\n'];
      const memory = latin1Bytes(first);
      reader.feed(memory);
      memory.fill(0);
      expect(reader.feed(latin1Bytes(second))).toEqual(done('abcdef'));
    }
  });

  it('reads any body back, however it is cut into chunks and however these arrive', () => {
    const part = fc.uint8Array({ minLength: 1, maxLength: 20 });
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), cuts, (parts, steps) => {
        const text = parts
          .map(
            (bytes) =>
              `${bytes.length.toString(16)}\r\n${Buffer.from(bytes).toString('latin1')}\r\n`,
          )
          .join('');
        const all = latin1Bytes(`${text}0\r\n\r\n`);
        const reader = makeBodyReader({ kind: 'chunked' }, MAX);
        let progress: BodyProgress = { state: 'more' };
        for (let at = 0, step = 0; at < all.length; step += 1) {
          const size = steps[step % steps.length] ?? 1;
          expect(progress.state).toBe('more');
          progress = reader.feed(all.subarray(at, at + size));
          at += size;
        }
        expect(progress).toEqual({
          state: 'done',
          body: Uint8Array.from(parts.flatMap((bytes) => [...bytes])),
          surplus: 0,
        });
      }),
    );
  });
});

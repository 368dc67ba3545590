import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeText } from '../platform/node/text.ts';
import { latin1Bytes } from '../testing/latin1-bytes.ts';
import { makeLineSplitter, type SplitLine } from './line-splitter.ts';

const splitterOf = (maxBytes = 10) => makeLineSplitter(nodeText, maxBytes);

const pushAll = (
  splitter: ReturnType<typeof splitterOf>,
  ...chunks: readonly string[]
): readonly string[] =>
  chunks
    .flatMap((chunk) => splitter.push(latin1Bytes(chunk)))
    .map((line) => (line.kind === 'line' ? line.text : '<overlong>'));

describe('makeLineSplitter', () => {
  it.each([
    ['whole lines', ['a\nb\n'], ['a', 'b']],
    ['a line in pieces', ['a', 'b', 'c\nd'], ['abc']],
    ['blank lines, which are nothing', ['\n\r\n \na\n'], ['a']],
    ['CRLF, of which the CR stays', ['a\r\nb\r\n'], ['a\r', 'b\r']],
    ['a line of just the limit', ['1234567890\n'], ['1234567890']],
    ['a line that is one too long', ['12345678901\na\n'], ['<overlong>', 'a']],
    [
      'a line that is too long in pieces',
      ['123456', '789012', '34', '5\na\n'],
      ['<overlong>', 'a'],
    ],
    [
      'two lines that are too long',
      ['12345678901', '\n12345678901\n'],
      ['<overlong>', '<overlong>'],
    ],
  ])('splits %s', (_, chunks, expected) => {
    expect(pushAll(splitterOf(), ...chunks)).toEqual(expected);
  });

  it('stops where it is told to, and goes on from there', () => {
    const splitter = splitterOf();
    const chunk = latin1Bytes('a\nb\nc\nd');
    const seen: SplitLine[] = [];
    const used = splitter.each(chunk, (line) => seen.push(line) < 2);
    expect(used).toBe(4);
    expect(seen).toEqual([
      { kind: 'line', text: 'a' },
      { kind: 'line', text: 'b' },
    ]);
    expect(splitter.skim(chunk.subarray(used))).toBe(1);
    expect(pushAll(splitter, 'e\n')).toEqual(['de']);
  });

  it.each([
    ['lines', ['a\nb\nc'], 2, ['cz']],
    ['the end of a line that has begun', ['a', 'b\nc'], 1, ['cz']],
    ['no end at all', ['a', 'b'], 0, ['abz']],
    ['an overlong line, once', ['12345678901', '2\nc'], 1, ['cz']],
    ['an overlong line that goes on', ['12345678901', '2', '3'], 1, []],
  ])('passes over %s', (_, chunks, ended, expected) => {
    const splitter = splitterOf();
    const counts = chunks.map((chunk) => splitter.skim(latin1Bytes(chunk)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(ended);
    expect(pushAll(splitter, 'z\n')).toEqual(expected);
  });

  it('decodes a character whose bytes come in two chunks', () => {
    const splitter = splitterOf();
    const bytes = nodeText.encodeUtf8('\u20ac\n');
    expect([...splitter.push(bytes.slice(0, 1)), ...splitter.push(bytes.slice(1))]).toEqual([
      { kind: 'line', text: '\u20ac' },
    ]);
  });

  it('keeps no hold of the chunk, which the platform uses again', () => {
    const splitter = splitterOf();
    const chunk = latin1Bytes('abc');
    splitter.push(chunk);
    chunk.fill(0x7a);
    expect(pushAll(splitter, '\n')).toEqual(['abc']);
  });

  it('forgets what has begun when it is cut, and says so', () => {
    const splitter = splitterOf();
    expect(splitter.cut()).toBe(false);
    pushAll(splitter, 'abc');
    expect(splitter.hasPartial()).toBe(true);
    expect(splitter.cut()).toBe(true);
    expect(splitter.hasPartial()).toBe(false);
    expect(pushAll(splitter, 'd\n')).toEqual(['d']);
  });

  it('has said already that a line is too long when it is cut', () => {
    const splitter = splitterOf();
    expect(pushAll(splitter, '12345678901')).toEqual(['<overlong>']);
    expect(splitter.cut()).toBe(false);
    expect(pushAll(splitter, 'a\n')).toEqual(['a']);
  });

  it('gives the same lines however the bytes are cut', () => {
    const bytes = fc.array(fc.constantFrom(0x0a, 0x0d, 0x61, 0xff, 0xe2, 0x82, 0xac));
    fc.assert(
      fc.property(bytes, fc.array(fc.integer({ min: 1, max: 7 })), (content, cuts) => {
        const all = Uint8Array.from(content);
        const whole = splitterOf().push(all);
        const splitter = splitterOf();
        const pieces: SplitLine[] = [];
        let start = 0;
        for (const size of [...cuts, all.length + 1]) {
          pieces.push(...splitter.push(all.slice(start, start + size)));
          start += size;
        }
        expect(pieces).toEqual(whole);
      }),
    );
  });
});

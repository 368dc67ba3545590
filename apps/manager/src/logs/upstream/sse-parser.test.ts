/** Server-sent events out of bytes, however these are cut. */
import { array, assert, constantFrom, integer, oneof, property, string, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeSseParser } from './sse-parser.ts';

const parse = (chunks: readonly Buffer[], maxBytes = 1_000_000): string[] => {
  const events: string[] = [];
  const parser = makeSseParser(
    {
      event: (name, data) => events.push(`${name}=${data}`),
      tooLong: () => events.push('too long'),
    },
    maxBytes,
  );
  for (const chunk of chunks) parser.push(chunk);
  return events;
};

/** At the places that are given. */
const cut = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const sorted = places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
  const chunks: Buffer[] = [];
  let from = 0;
  for (const place of [...sorted, bytes.length]) {
    chunks.push(bytes.subarray(from, place));
    from = place;
  }
  return chunks;
};

test.each([
  ['event: log\ndata: {"a":1}\n\n', ['log={"a":1}']],
  ['id: 5\nevent: log\ndata:x\n\n', ['log=x']],
  ['data: x\r\ndata:  y\r\n\r\n', ['=x\n y']],
  [':\n\n: comment\n\nevent: end\ndata: 1\n\n', ['end=1']],
  ['event: log\n\n', []],
  ['event: log\ndata: x\n', []],
  ['retry: 5\nfoo\ndatax: 1\ndata: ü🐑\n\n', ['=ü🐑']],
  ['data: 1\n\n\n\ndata: 2\n\n', ['=1', '=2']],
])('%j', (text, events) => {
  expect(parse([Buffer.from(text)])).toStrictEqual(events);
});

test('a line that comes byte by byte without end is not collected for ever', () => {
  const bytes = Buffer.from(`data: ${'x'.repeat(40_000)}\n\ndata: next\n\n`);
  const single = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
  expect(parse(single)).toStrictEqual(['too long', '=next']);
});

test('how the bytes are cut makes no difference', () => {
  const line = oneof(
    string({ unit: 'binary' }).map((text) => `data: ${text.replaceAll(/[\r\n]/gu, '')}`),
    constantFrom('event: log', 'event: dropped', 'id: 7', ':', '', '', 'data', 'data:'),
  );
  const ending = constantFrom('\n', '\r\n');
  assert(
    property(
      array(tuple(line, ending), { maxLength: 30 }),
      array(integer({ min: 0, max: 5_000 }), { maxLength: 20 }),
      (lines, places) => {
        const bytes = Buffer.from(`${lines.map(([text, end]) => text + end).join('')}data: z\n\n`);
        expect(parse(cut(bytes, places))).toStrictEqual(parse([bytes]));
      },
    ),
    { numRuns: 50 },
  );
});

describe('an event that is too long', () => {
  const long = (length: number): string => `event: log\ndata: ${'x'.repeat(length)}\n\n`;

  test.each([1, 7, 64, 5_000])('is left out and told, in pieces of %i bytes', (size) => {
    const bytes = Buffer.from(`data: before\n\n${long(4_000)}data: after\n\n${long(50)}`);
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    expect(parse(chunks, 100)).toStrictEqual([
      '=before',
      'too long',
      '=after',
      `log=${'x'.repeat(50)}`,
    ]);
  });

  test('of many lines is one too', () => {
    const text = `${'data: x\n'.repeat(1_000)}\ndata: after\n\n`;
    expect(parse([Buffer.from(text)], 100)).toStrictEqual(['too long', '=after']);
  });

  test('without an end is kept in no memory', () => {
    const parser = makeSseParser({ event: () => undefined, tooLong: () => undefined }, 1_000);
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 200; count += 1) parser.push(Buffer.from(chunk));
    // What is not kept may not be collected yet.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150 * 1024 * 1024);
  });
});

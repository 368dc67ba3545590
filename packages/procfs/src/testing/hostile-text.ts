/**
 * Arbitraries for text that a kernel would not print: noise, and valid files with damage of the
 * kinds that are seen in practice (cut short, counters overflown, fields missing, lines twice).
 */

import * as fc from 'fast-check';

const SHORTEST_HUGE = 20;
const LONGEST_HUGE = 400;

/** What means something to one parser or another. */
const NUMBERS = ['0', '1', '-1', '1.5', '1e5', '0x10', 'NaN', 'Infinity'];
const LABELS = ['cpu', 'cpu0', 'intr', 'MemTotal', 'kB', 'eth0', 'sockets', 'some', 'avg10'];
const MARKS = [':', '=', '(', ')', '-', '/', '#', '|', '+', ',', '.', '\\040', '"', "'"];
const BLANKS = [' ', '\t', '\n', '\r\n', '\0'];

/** Any text at all, with a bias to what a parser looks for. */
export function noise(): fc.Arbitrary<string> {
  const bytes = fc
    .uint8Array({ maxLength: 200, size: 'max' })
    .map((codes) => Array.from(codes, (code) => String.fromCharCode(code)).join(''));
  const words = fc.constantFrom(...NUMBERS, ...LABELS, ...MARKS, ...BLANKS);
  const soup = fc.array(words, { maxLength: 60, size: 'max' }).map((parts) => parts.join(''));
  return fc.oneof(fc.string({ unit: 'binary', maxLength: 200, size: 'max' }), bytes, soup);
}

/** `valid`, damaged once or several times. */
export function damaged(valid: string): fc.Arbitrary<string> {
  return fc
    .array(damage(), { minLength: 1, maxLength: 3 })
    .map((damages) => damages.reduce((text, hurt) => hurt(text), valid));
}

type Damage = (text: string) => string;

/** A position as a share of the text, because the text changes with every damage. */
const place = fc.double({ min: 0, max: 1, noNaN: true });

function damage(): fc.Arbitrary<Damage> {
  return fc.oneof(
    place.map(
      (at): Damage =>
        (text) =>
          text.slice(0, Math.floor(at * text.length)),
    ),
    fc.tuple(place, hugeNumber()).map(([at, huge]) => replaceNth(/\d+/g, at, huge)),
    fc.tuple(place, oddNumber()).map(([at, odd]) => replaceNth(/\d+/g, at, odd)),
    place.map((at) => replaceNth(/[^\s]+/g, at, '')),
    place.map((at) => replaceNth(/[ \t]+/g, at, '')),
    fc.tuple(place, place).map(([from, to]) => repeatLine(from, to)),
    fc.tuple(place, place).map(([from, to]) => swapLines(from, to)),
    fc.constant<Damage>((text) => text.replaceAll('\n', '\r\n')),
    fc.tuple(place, noise()).map(([at, insert]) => insertAt(at, insert)),
    place.map((at) => insertAt(at, '\0')),
  );
}

function hugeNumber(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.integer({ min: 1 }), fc.integer({ min: SHORTEST_HUGE, max: LONGEST_HUGE }))
    .map(([digits, length]) => String(digits).padEnd(length, String(digits)));
}

function oddNumber(): fc.Arbitrary<string> {
  return fc.constantFrom('', '-5', '-0', '+5', '0x10', '1e5', '1.5', '.5', 'NaN', '٣', '1_000');
}

function replaceNth(pattern: RegExp, at: number, replacement: string): Damage {
  return (text) => {
    const matches = [...text.matchAll(pattern)];
    const match = matches[Math.min(matches.length - 1, Math.floor(at * matches.length))];
    if (match === undefined) return text;
    return text.slice(0, match.index) + replacement + text.slice(match.index + match[0].length);
  };
}

function insertAt(at: number, insert: string): Damage {
  return (text) => {
    const index = Math.floor(at * text.length);
    return text.slice(0, index) + insert + text.slice(index);
  };
}

function repeatLine(from: number, to: number): Damage {
  return (text) => {
    const lines = text.split('\n');
    const line = lines[Math.floor(from * (lines.length - 1))] ?? '';
    return lines.toSpliced(Math.floor(to * lines.length), 0, line).join('\n');
  };
}

function swapLines(from: number, to: number): Damage {
  return (text) => {
    const lines = text.split('\n');
    const first = Math.floor(from * (lines.length - 1));
    const second = Math.floor(to * (lines.length - 1));
    return lines
      .with(first, lines[second] ?? '')
      .with(second, lines[first] ?? '')
      .join('\n');
  };
}

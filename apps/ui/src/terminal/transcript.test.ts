import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineText, makeTranscript, type Transcript } from './transcript.ts';

const ESC = '\u001B';
const textsOf = ({ lines }: Transcript): string[] => {
  const texts: string[] = [];
  for (let number = lines.first; number < lines.end; number += 1) {
    const line = lines.at(number);
    if (line !== undefined) texts.push(lineText(line));
  }
  return texts;
};
const linesOf = (...chunks: readonly string[]): string[] => {
  const transcript = makeTranscript();
  for (const chunk of chunks) transcript.push('stdout', chunk, 0);
  return textsOf(transcript);
};

describe('what a program prints', () => {
  test.each([
    [['one\ntwo\n'], ['one', 'two']],
    [['one\r\ntwo'], ['one', 'two']],
    [
      ['one\r', '\ntwo'],
      ['one', 'two'],
    ],
    [['a\n\nb\n'], ['a', '', 'b']],
    [['10%\r20%\r30%\ndone'], ['30%', 'done']],
    [['abcdef\rxy\n'], ['xycdef']],
    [['abcdef\rxy', `${ESC}[K\n`], ['xy']],
    [[`loading${ESC}[2K\rready\n`], ['ready']],
    [['ab\bc\n'], ['ac']],
    [[`${ESC}[?25lhidden cursor${ESC}[?25h${ESC}(B\n`], ['hidden cursor']],
  ])('%j is seen as %j', (chunks, lines) => {
    expect(linesOf(...chunks)).toStrictEqual(lines);
  });

  test('has colours, also where an escape is cut in two', () => {
    const transcript = makeTranscript();
    transcript.push('stdout', `${ESC}[3`, 0);
    transcript.push('stdout', `1mred${ESC}[0m plain\n`, 0);
    expect(transcript.lines.at(0)?.pieces).toStrictEqual([
      { text: 'red', className: 'sgr-front-1' },
      { text: ' plain', className: '' },
    ]);
  });

  test('does nothing else: what clears, rings or writes backwards is shown as what it is', () => {
    expect(linesOf(`${ESC}[2J${ESC}]0;title\u0007\u202Etxt\n`)).toStrictEqual([
      '^[[2J^[]0;title^G‹U+202E›txt',
    ]);
  });

  test('on both outputs at once is not mixed within a line', () => {
    const transcript = makeTranscript();
    transcript.push('stdout', 'half', 1);
    transcript.push('stderr', 'error\n', 2);
    transcript.push('stdout', ' and half\n', 3);
    expect(textsOf(transcript)).toStrictEqual(['half and half', 'error']);
    expect([0, 1].map((number) => transcript.lines.at(number)?.kind)).toStrictEqual([
      'stdout',
      'stderr',
    ]);
  });
});

test('the oldest lines go, and are counted', () => {
  const transcript = makeTranscript({ lines: 3, characters: 1_000, lineCharacters: 100 });
  transcript.push('stdout', '1\n2\n3\n4\n5\n', 0);
  expect(textsOf(transcript)).toStrictEqual(['3', '4', '5']);
  expect(transcript.gone).toBe(2);
});

test('a line whose beginning has gone goes on in a new one', () => {
  const transcript = makeTranscript({ lines: 2, characters: 1_000, lineCharacters: 100 });
  transcript.push('stdout', 'begun', 0);
  transcript.push('stderr', '1\n2\n3\n', 0);
  transcript.push('stdout', ' ended', 0);
  expect(textsOf(transcript)).toStrictEqual(['3', ' ended']);
});

test('a line without end takes no more than the limit', () => {
  const transcript = makeTranscript({ lines: 100, characters: 50, lineCharacters: 10 });
  for (let time = 0; time < 100; time += 1) transcript.push('stdout', 'x'.repeat(7), 0);
  const texts = textsOf(transcript);
  expect(texts.every((text) => text.length <= 10)).toBe(true);
  expect(texts.join('').length).toBeLessThanOrEqual(50);
});

test('whatever it is and however it is cut, the lines are the same and nothing acts', () => {
  const bits = fc.constantFrom(
    'a',
    'bc',
    '\n',
    '\r',
    '\r\n',
    '\b',
    `${ESC}[31m`,
    `${ESC}[K`,
    ESC,
    '',
  );
  fc.assert(
    fc.property(fc.array(bits, { maxLength: 40 }), fc.array(fc.nat(60)), (parts, cuts) => {
      const text = parts.join('');
      const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length];
      const sorted = places.toSorted((one, other) => one - other);
      const chunks = sorted.slice(1).map((to, at) => text.slice(sorted[at], to));
      expect(linesOf(...chunks)).toStrictEqual(linesOf(text));
      // oxlint-disable-next-line eslint/no-control-regex
      expect(linesOf(text).join('')).not.toMatch(/[\u0000-\u001F]/u);
    }),
  );
});

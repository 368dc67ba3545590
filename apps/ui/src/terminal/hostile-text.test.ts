import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { showText } from './hostile-text.ts';

const ESC = '\u001B';
const classesIn = (text: string): readonly string[] =>
  (showText(text).pieces ?? []).map(({ className }) => className);

describe('text of a guest', () => {
  test('that is harmless stays as it is', () => {
    const text = 'GET /a?b=<c> "ä" 日本 🎉\tend\nsecond';
    expect(showText(text)).toStrictEqual({ plain: text, pieces: undefined });
  });

  test('that clears the screen, sets a title or a link is shown as what it is', () => {
    expect(showText(`${ESC}[2J${ESC}]0;title\u0007${ESC}]8;;http://x\u001B\\`).plain).toBe(
      '^[[2J^[]0;title^G^[]8;;http://x^[\\',
    );
  });

  test.for([
    ['\u0000', '^@'],
    ['\b', '^H'],
    ['\u007F', '^?'],
    ['\u009B', '‹U+009B›'],
    ['\u202E', '‹U+202E›'],
    ['\u2066', '‹U+2066›'],
    ['\u200F', '‹U+200F›'],
    ['\u2028', '‹U+2028›'],
    ['\uFEFF', '‹U+FEFF›'],
    ['a\rb', 'a^Mb'],
    ['a\r\nb', 'a\nb'],
  ] as const)('%j is shown as %s', ([text, shown]) => {
    expect(showText(text).plain).toBe(shown);
  });

  test('nothing that acts is left, whatever was sent', () => {
    const hostile = fc.string({
      unit: fc.oneof(
        fc.constantFrom(
          ESC,
          '[',
          'm',
          '3',
          '1',
          ';',
          '\r',
          '\n',
          '\u0000',
          '\u202E',
          '\u2069',
          'x',
        ),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
    });
    fc.assert(
      fc.property(hostile, (text) => {
        const { plain, pieces } = showText(text);
        expect(plain).not.toMatch(
          // oxlint-disable-next-line eslint/no-control-regex
          /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/u,
        );
        if (pieces !== undefined) expect(pieces.map((piece) => piece.text).join('')).toBe(plain);
        for (const { className } of pieces ?? []) expect(className).toMatch(/^[a-z0-7 -]*$/u);
      }),
    );
  });
});

describe('colours', () => {
  test('become classes, until they are put back', () => {
    const { plain, pieces } = showText(`${ESC}[1;31mERR${ESC}[0m ok ${ESC}[92;44mx${ESC}[39;49my`);
    expect(plain).toBe('ERR ok xy');
    expect(pieces).toStrictEqual([
      { text: 'ERR', className: 'sgr-bold sgr-front-1' },
      { text: ' ok ', className: '' },
      { text: 'x', className: 'sgr-front-2 sgr-back-4' },
      { text: 'y', className: '' },
    ]);
  });

  test.for([
    ['38;5;9', 'sgr-front-1'],
    ['38;5;21', 'sgr-front-4'],
    ['38;5;240', 'sgr-front-0'],
    ['48;2;255;200;10', 'sgr-back-3'],
    ['38:2:10:10:10', 'sgr-front-0'],
    ['38;5;400', ''],
    ['7;32', 'sgr-back-2'],
    ['1;2;22;3;4;9', 'sgr-italic sgr-underline sgr-strike'],
    ['38', ''],
    ['99999', ''],
  ] as const)('%s is %s', ([codes, className]) => {
    expect(classesIn(`${ESC}[${codes}mx`)).toStrictEqual([className]);
  });
});

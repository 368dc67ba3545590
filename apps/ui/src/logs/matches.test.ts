import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { showText } from '../terminal/hostile-text.ts';
import { cutAtMatches, isMatch, makeMatcher, rangesOf } from './matches.ts';

const matcherOf = (text: string): RegExp => {
  const matcher = makeMatcher(text);
  if (matcher === undefined) throw new Error('nothing is searched');
  return matcher;
};

describe('a searched text', () => {
  test('of nothing matches nothing', () => {
    expect(makeMatcher('')).toBeUndefined();
    expect(rangesOf(undefined, 'abc')).toStrictEqual([]);
  });

  test('is found in whatever case, and again from the beginning each time', () => {
    const matcher = matcherOf('ÄB');
    expect([isMatch(matcher, 'xäb'), isMatch(matcher, 'xäb'), isMatch(matcher, 'a')]).toStrictEqual(
      [true, true, false],
    );
  });

  test('is never an expression', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 30 }), fc.string(), (text, around) => {
        expect(isMatch(matcherOf(text), around + text + around)).toBe(true);
      }),
    );
    expect(isMatch(matcherOf('a.c'), 'abc')).toBe(false);
    expect(isMatch(matcherOf('[(*-/'), 'x [(*-/ y')).toBe(true);
  });
});

describe('a line cut at its matches', () => {
  test('keeps its colours and marks across them', () => {
    const shown = showText('see \u001B[31mten\u001B[0mant');
    expect(cutAtMatches(shown, rangesOf(makeMatcher('tenant'), shown.plain), 100)).toStrictEqual([
      { text: 'see ', className: '', isMatch: false },
      { text: 'ten', className: 'sgr-front-1', isMatch: true },
      { text: 'ant', className: '', isMatch: true },
    ]);
  });

  test('is its own beginning in order, whatever it is searched for and wherever it is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', ' ', '\u001B[31m', '\u0000') });
    fc.assert(
      fc.property(text, fc.constantFrom('a', 'ab', 'b a'), fc.nat(60), (line, search, most) => {
        const shown = showText(line);
        const segments = cutAtMatches(shown, rangesOf(makeMatcher(search), shown.plain), most);
        expect(segments.map((segment) => segment.text).join('')).toBe(shown.plain.slice(0, most));
        expect(segments.every((segment) => segment.text !== '')).toBe(true);
      }),
    );
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTarget, type Target } from './target.ts';

const targetOf = (text: string): Target => {
  const parsed = parseTarget(text);
  if ('refusal' in parsed) throw new Error(`unexpectedly refused: ${parsed.refusal.message}`);
  return parsed.target;
};

describe('parseTarget', () => {
  it.each([
    ['/metrics', '/metrics'],
    ['/%6detrics', '/metrics'],
    ['/a%2Fb', '/a/b'],
    ['/a+b', '/a+b'],
    ['/%E2%82%AC', '/€'],
    ['/%00', '/\0'],
    ['//x', '//x'],
    ['/..%2f', '/../'],
  ])('decodes the path %s', (text, path) => {
    expect(targetOf(text)).toEqual({ path, query: new Map() });
  });

  it.each([
    ['/?', []],
    ['/?a', [['a', ['']]]],
    ['/?a=', [['a', ['']]]],
    [
      '/?a=1&b=2',
      [
        ['a', ['1']],
        ['b', ['2']],
      ],
    ],
    ['/?a=1&a=2', [['a', ['1', '2']]]],
    ['/?&&a=1&', [['a', ['1']]]],
    ['/?a=b=c', [['a', ['b=c']]]],
    ['/?=x', [['', ['x']]]],
    ['/?a+b=c+d', [['a b', ['c d']]]],
    ['/?a=%2B%26%3D', [['a', ['+&=']]]],
    ['/?collect%5B%5D=cpu&collect[]=stat', [['collect[]', ['cpu', 'stat']]]],
    ['/?a=1?b=2', [['a', ['1?b=2']]]],
    ['/?__proto__=1', [['__proto__', ['1']]]],
  ])('decodes the query of %s', (text, entries) => {
    expect([...targetOf(text).query]).toEqual(entries);
  });

  it.each(['/%', '/%2', '/%zz', '/%C3', '/%C0%AF', '/%ED%A0%80', '/?a=%', '/?%=1', '/?a=%ff'])(
    'refuses %s, whose escapes are not UTF-8',
    (text) => {
      const parsed = parseTarget(text);
      expect('refusal' in parsed && parsed.refusal.status).toBe(400);
    },
  );

  it('gives back every name and value that was encoded', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 8 });
    fc.assert(
      fc.property(word, fc.array(fc.tuple(word, word), { maxLength: 5 }), (path, pairs) => {
        const query = pairs.map(
          ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
        );
        const expected = new Map<string, string[]>();
        for (const [name, value] of pairs) {
          expected.set(name, [...(expected.get(name) ?? []), value]);
        }
        expect(targetOf(`/${encodeURIComponent(path)}?${query.join('&')}`)).toEqual({
          path: `/${path}`,
          query: expected,
        });
      }),
    );
  });
});

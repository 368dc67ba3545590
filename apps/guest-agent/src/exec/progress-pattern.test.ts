import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, type Match } from './progress-pattern.ts';

const match = (pattern: string, line: string): Match | undefined => {
  const compiled = compilePattern(pattern);
  if (!compiled.ok) throw new Error(compiled.problem);
  return compiled.pattern.match(line);
};

describe('patterns of progress', () => {
  it.each([
    ['[{n}/{m}] ', '[ 3/12] Installing glibc', { n: 3, m: 12 }],
    ['({n}/{m}) Installing ', '(3/12) Installing musl (1.2.4-r0)', { n: 3, m: 12 }],
    [
      'Installing {*}: {*} {n}/{m}',
      '  Installing       : bash-5.1.8-6.x86_64       3/12 ',
      { n: 3, m: 12 },
    ],
    ['step {n}', 'step one, step 2', { n: 2, m: undefined }],
    ['these {m} derivations', 'these 42 derivations will be built:', { n: undefined, m: 42 }],
    ['{n}%', 'done 45% of it', { n: 45, m: undefined }],
    ['{n}/{m} files', 'copied 15/42 files', { n: 15, m: 42 }],
    ['done', 'all done', { n: undefined, m: undefined }],
    ['a{*}c', 'xabbbc', { n: undefined, m: undefined }],
    ['{*}end', 'the end', { n: undefined, m: undefined }],
  ])('%s fits %s', (pattern, line, expected) => {
    expect(match(pattern, line)).toEqual(expected);
  });

  it.each([
    ['[{n}/{m}] ', '[x/12] '],
    ['step {n}', 'step one'],
    ['a{*}c', 'ab'],
    ['5/{m}', '5/'],
    ['{n} of', '12345678901 of'],
    ['done', 'Done'],
  ])('%s does not fit %s', (pattern, line) => {
    expect(match(pattern, line)).toBeUndefined();
  });

  it.each([
    ['', '1 to 200 characters'],
    ['x'.repeat(201), '1 to 200 characters'],
    ['{n}', 'some text'],
    ['{*}{n}{m}', 'some text'],
    ['a{n}'.repeat(9), '16 parts'],
  ])('%s is no pattern', (pattern, problem) => {
    const compiled = compilePattern(pattern);
    expect(compiled.ok ? '' : compiled.problem).toContain(problem);
  });

  it('takes everything else for text, braces and expressions too', () => {
    expect(match('(a|b)+{x}.*$', 'say (a|b)+{x}.*$ now')).toBeDefined();
    expect(match('(a|b)+', 'aaa')).toBeUndefined();
  });

  it('finds what was put into a line, whatever stands around it', () => {
    const words = fc.string({ unit: fc.constantFrom('a', ' ', '-', '['), maxLength: 20 });
    const number = fc.nat(999_999_999);
    fc.assert(
      fc.property(words, words, number, number, (before, after, n, m) => {
        expect(match('at {n} of {m};', `${before}at ${n} of ${m};${after}`)).toEqual({ n, m });
      }),
    );
  });

  it('looks at any line in a time that grows with its length and no faster', () => {
    // An expression such as (a+)+$ would take longer than the universe for this.
    const line = 'a'.repeat(500);
    for (const pattern of ['a{*}a{*}a{*}a{*}a{*}a{*}a{*}b', '{n}{*}{n}{*}{n}{*}a', 'aaaa{n}']) {
      expect(match(pattern, line)).toBeUndefined();
    }
  });
});

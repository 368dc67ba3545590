import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { plainWord, shellWord } from './shell-word.ts';

/** As a POSIX shell reads a word that is made of quoted parts and of single escaped quotes. */
const readByShell = (word: string): string | undefined =>
  /^(?:'[^']*'|\\')+$/u.test(word)
    ? word.replaceAll(/'(?<inside>[^']*)'|\\'/gu, (part, inside: string | undefined) =>
        part === String.raw`\'` ? "'" : (inside ?? ''),
      )
    : undefined;

test('whatever somebody calls a VM, a shell reads it as one word that means only itself', () => {
  assert(
    property(string({ unit: 'binary' }), (text) => {
      expect(readByShell(shellWord(text))).toBe(text);
      if (plainWord(text) !== text) expect(plainWord(text)).toBe(shellWord(text));
    }),
  );
});

test.each(['web-01', 'http://m:8080', 'root@10.0.0.5'])('%s needs no quotes', (text) => {
  expect(plainWord(text)).toBe(text);
});

test.each(['web 01', '', '~root', '-x', '$HOME', 'a;b', 'a\nb', 'ä'])('%j gets quotes', (text) => {
  expect(plainWord(text)).toBe(shellWord(text));
});

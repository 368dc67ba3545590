import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSessionCookie, writeSessionCookie } from './session-cookie.ts';

test.each([
  [undefined, undefined],
  ['', undefined],
  ['innkeeper_session=', undefined],
  ['innkeeper_session=abc', 'abc'],
  ['a=b; innkeeper_session=abc;c=d', 'abc'],
  ['xinnkeeper_session=abc', undefined],
  ['innkeeper_session=first; innkeeper_session=second', 'first'],
  [`innkeeper_session=${'x'.repeat(129)}`, undefined],
])('of the header %j the session is %j', (header, expected) => {
  expect(readSessionCookie(header)).toBe(expected);
});

test('what is written can be read', () => {
  const [pair] = writeSessionCookie('abc', 5, true).split(';');
  expect(readSessionCookie(pair)).toBe('abc');
});

test('no header makes it throw', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      const value = readSessionCookie(header);
      expect(value === undefined || value.length <= 128).toBe(true);
    }),
  );
});

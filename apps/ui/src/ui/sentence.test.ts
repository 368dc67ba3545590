import { expect, test } from 'vitest';
import { asSentence } from './sentence.ts';

test.each([
  ['the database is away', 'the database is away.'],
  ['The manager cannot be reached.', 'The manager cannot be reached.'],
  ['still loading… ', 'still loading…'],
  ['', ''],
])('“%s” ends as a sentence does', (text, expected) => {
  expect(asSentence(text)).toBe(expected);
});

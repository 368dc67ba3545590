import { expect, test } from 'vitest';
import { vmNameSchema } from './vm.ts';

test.each([
  ['web-1', true],
  [' web 1 ', true],
  ['Datenbank (Süd) 東京', true],
  ['👩‍💻', true],
  ['', false],
  [' ', false],
  ['a\nb', false],
  ['a\u001b[31mb', false],
  ['a\u2028b', false],
  ['a\u202eb', false],
  ['a\u2066b\u2069', false],
  ['a'.repeat(129), false],
])('%j is a name: %s', (name, isName) => {
  expect(vmNameSchema.safeParse(name).success).toBe(isName);
});

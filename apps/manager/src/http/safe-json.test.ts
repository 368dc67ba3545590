/** JSON for terminals. */
import { assert, jsonValue, property } from 'fast-check';
import { expect, test } from 'vitest';
import { safeJson } from './safe-json.ts';

test('says the same as JSON, and nothing in it acts', () => {
  assert(
    property(jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = safeJson(value);
      expect(JSON.parse(text)).toStrictEqual(JSON.parse(JSON.stringify(value)));
      expect(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)).toBe(false);
    }),
  );
}, 60_000);

test.each([
  ['\u009b2J', String.raw`"\u009b2J"`],
  ['a\u202eb', String.raw`"a\u202eb"`],
  ['\u2028\u007f', String.raw`"\u2028\u007f"`],
  ['\u{e0041}', String.raw`"\udb40\udc41"`],
  ['ünïcode ✓ 😀', '"ünïcode ✓ 😀"'],
])('%j is written as %s', (text, json) => {
  expect(safeJson(text)).toBe(json);
});

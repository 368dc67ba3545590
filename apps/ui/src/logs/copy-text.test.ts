import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeEvent } from '../testing/log-entries.ts';
import { lineJson, lineText, messageText } from './copy-text.ts';
import { makeLineRow } from './row.ts';

const rowOf = (message: string, fields: Record<string, unknown> = {}) =>
  makeLineRow(0, makeEvent('c1', { message, fields, timestamp: 0 }), 0);

/** What a terminal or an editor could take for more than text. */
const isSafe = (text: string): boolean =>
  !/[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/u.test(
    text.replaceAll(/[\n\t]/gu, ''),
  );

const HOSTILE = 'ok\u001B[201~\rrm -rf /\u0007 \u009B2J \u202Eexe.gnp\u007F';

test('a message is copied as it is shown: nothing in it acts where it is pasted', () => {
  expect(messageText(rowOf(HOSTILE))).toBe('ok^[[201~^Mrm -rf /^G ‹U+009B›2J ‹U+202E›exe.gnp^?');
  expect(messageText(rowOf('\u001B[31mred\u001B[0m\n\tat line 2'))).toBe('red\n\tat line 2');
  expect(lineText(rowOf(HOSTILE), undefined)).toContain('info web.service ok^[[201~^Mrm');
});

test('the JSON of a line is exact, and has no character that acts either', () => {
  const json = lineJson(rowOf(HOSTILE, { '\u009B': '\u2066x' }), 'db-01');
  expect(isSafe(json)).toBe(true);
  expect(JSON.parse(json)).toMatchObject({
    vm: 'db-01',
    message: HOSTILE,
    fields: { '\u009B': '\u2066x' },
  });
});

test('whatever a guest writes, both are safe and the JSON says the same', () => {
  const hostile = fc.string({
    unit: fc.oneof(
      fc.constantFrom('\u001B', '[', '2', 'm', '\r', '\n', '\u0085', '\u2028', '\u202E', '\uFEFF'),
      fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
    ),
  });
  fc.assert(
    fc.property(hostile, (message) => {
      const row = rowOf(message);
      expect(isSafe(messageText(row))).toBe(true);
      const json = lineJson(row, 'vm');
      expect(isSafe(json)).toBe(true);
      expect(JSON.parse(json)).toMatchObject({ message });
    }),
  );
});

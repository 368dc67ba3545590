import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LOG_START, makeLogEvent } from '../../../../../test/support/log-lines.ts';
import { cleanText, toKeptRow, type LineFacts } from './kept-row.ts';

const FACTS: LineFacts = {
  vmKey: 7,
  source: undefined,
  receivedAt: LOG_START,
  keptFor: 'level',
  oldest: LOG_START - 1_000_000,
};

describe('the order of a line', () => {
  test.each([
    ['what the guest says', -5_000, -5_000],
    ['its time although it is a little ahead', 59_000, 59_000],
    ['when it came, where the clock is far ahead', 61_000, 0],
    ['when it came, where the clock was never set', -1_000_001, 0],
  ])('is %s', (_what, ahead, expected) => {
    const row = toKeptRow(makeLogEvent(0, { timestamp: LOG_START + ahead }), FACTS);
    expect(row.ts - LOG_START).toBe(expected);
    expect(row.guestTs).toBe(LOG_START + ahead);
  });

  test('is when it came, where the line has no time or an impossible one', () => {
    expect(toKeptRow(makeLogEvent(0, { timestamp: null }), FACTS)).toMatchObject({
      ts: LOG_START,
      guestTs: undefined,
    });
    expect(toKeptRow(makeLogEvent(0, { timestamp: 8.64e15 }), FACTS)).toMatchObject({
      ts: LOG_START,
      guestTs: undefined,
    });
  });
});

describe('what a guest sends', () => {
  test('is cut where it is long, and says by how much', () => {
    const row = toKeptRow(makeLogEvent(1, { message: 'ä'.repeat(20_000), cut_bytes: 10 }), FACTS);
    expect(row.message).toBe(`${'ä'.repeat(16_384)}…`);
    expect(row.cutBytes).toBe(10 + 2 * (20_000 - 16_384));
  });

  test('has fields of a bounded size, in valid JSON', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [`FIELD_${n}\0\u{d800}`, 'x'.repeat(5_000)]),
    );
    const row = toKeptRow(makeLogEvent(1, { fields }), FACTS);
    expect(row.fields.length).toBeLessThanOrEqual(8 * 1024 + 2);
    expect(JSON.parse(row.fields)).toHaveProperty(
      'FIELD_0\u{fffd}\u{fffd}',
      `${'x'.repeat(1_024)}…`,
    );
  });

  test('has its pid in a column, and loses what the manager knows anyhow', () => {
    const fields = { _PID: '812', _BOOT_ID: 'b', _HOSTNAME: 'h', UNIT: 'u', NESTED: { a: 1 } };
    const row = toKeptRow(makeLogEvent(1, { fields }), FACTS);
    expect(row.pid).toBe(812);
    expect(JSON.parse(row.fields)).toEqual({ UNIT: 'u', NESTED: '{"a":1}' });
  });

  test.each(['0', '-1', '4294967296', 'x', '1e3', ''])('has no pid where it says %j', (pid) => {
    expect(toKeptRow(makeLogEvent(1, { fields: { _PID: pid } }), FACTS).pid).toBeUndefined();
  });

  test('becomes text without NUL and halves of characters, and stays what it is otherwise', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const clean = cleanText(text);
        expect(clean).not.toContain('\0');
        expect(Buffer.from(clean, 'utf8').toString('utf8')).toBe(clean);
        expect(clean.length).toBe(text.length);
      }),
    );
    expect(cleanText('a\0b\u{d83d}c\u{1f600}')).toBe('a\u{fffd}b\u{fffd}c\u{1f600}');
  });
});

/** Lines of logs as text. */
import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { textOfDropped, textOfLine } from './text-line.ts';

const line = {
  timestamp: Date.UTC(2026, 10, 20, 10, 45, 42, 123),
  level: 'info',
  target: 'sshd.service',
  message: 'hello',
  fields: { _HOSTNAME: 'web-1', _PID: '42' },
  cursor: 'n=1',
} as const;

test.each([
  [line, '2026-11-20T10:45:42.123Z web-1 sshd.service[42]: hello\n'],
  [{ ...line, fields: {} }, '2026-11-20T10:45:42.123Z sshd.service: hello\n'],
  [{ ...line, fields: {}, target: '', timestamp: null }, '- -: hello\n'],
  [{ ...line, timestamp: 9e15, fields: { _PID: 7 } }, '- sshd.service: hello\n'],
  [
    { ...line, fields: {}, message: 'a\nb\u001b[31mred\u202Eturned\u007F\ttab' },
    '2026-11-20T10:45:42.123Z sshd.service: a\\nb\\u{1b}[31mred\\u{202e}turned\\u{7f}\ttab\n',
  ],
  [
    { ...line, fields: { _HOSTNAME: 'a b' }, target: 'x\ny', cut_bytes: 9 },
    '2026-11-20T10:45:42.123Z a_b x\\ny: hello [9 bytes more]\n',
  ],
])('%j', (event, text) => {
  expect(textOfLine(event)).toBe(text);
});

test('whatever a guest writes is one line without anything that acts', () => {
  assert(
    property(
      string({ unit: 'binary' }),
      string({ unit: 'binary' }),
      string({ unit: 'binary' }),
      (message, target, host) => {
        const text = textOfLine({ ...line, message, target, fields: { _HOSTNAME: host } });
        expect(text.indexOf('\n')).toBe(text.length - 1);
        expect(text.slice(0, -1).replaceAll('\t', '')).not.toMatch(
          /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u,
        );
      },
    ),
    { numRuns: 50 },
  );
});

test('what is missing is told', () => {
  expect(textOfDropped({ count: 3, reason: 'vacuumed' })).toBe(
    '# 3 lines missing here: vacuumed\n',
  );
  expect(textOfDropped({ count: 1, reason: 'slow' })).toBe('# 1 line missing here: slow\n');
  expect(textOfDropped({ count: null, reason: 'damaged' })).toBe('# lines missing here: damaged\n');
});

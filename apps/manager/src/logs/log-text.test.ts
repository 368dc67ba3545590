/** Lines as agents send them, and as nobody should. */
import { expect, test } from 'vitest';
import { parseLogText } from './log-text.ts';

const line = {
  timestamp: 1,
  level: 'info',
  target: 'app',
  message: 'hello',
  fields: { PRIORITY: '6', nested: { a: [1, { b: null }] } },
  cursor: 's=1;i=2',
};

test('a line is what it says, and nothing more', () => {
  const odd = { ...line, seq: 'x', mark: 'resumed', stream: 'stderr', cut_bytes: 3 };
  expect(parseLogText(JSON.stringify(odd))).toStrictEqual({
    ...line,
    stream: 'stderr',
    cut_bytes: 3,
  });
  expect(parseLogText(JSON.stringify({ ...line, timestamp: null }))?.timestamp).toBeNull();
});

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

test.each([
  ['no JSON', '{'],
  ['no object', '7'],
  ['no fields', JSON.stringify({ ...line, fields: undefined })],
  ['more values than a log has', JSON.stringify({ ...line, fields: { a: Array(6_000).fill(0) } })],
  [
    'as many in lists of lists',
    JSON.stringify({ ...line, fields: { a: Array.from({ length: 2_000 }, () => [1, 2]) } }),
  ],
  ['fields that are a list', JSON.stringify({ ...line, fields: [1] })],
  ['another level', JSON.stringify({ ...line, level: 'loud' })],
  ['a message that is no text', JSON.stringify({ ...line, message: {} })],
  ['a time that is none', JSON.stringify({ ...line, timestamp: 1.5 })],
  ['a target without end', JSON.stringify({ ...line, target: 'x'.repeat(1_001) })],
  ['no cursor', JSON.stringify({ ...line, cursor: '' })],
  ['a cursor that would be two headers', JSON.stringify({ ...line, cursor: 'a\r\nb: c' })],
  ['a cursor without end', JSON.stringify({ ...line, cursor: 'x'.repeat(301) })],
  [
    'fields that nothing could write as JSON again',
    JSON.stringify({ ...line, fields: {} }).replace('{}', `{"a":${nested(100_000)}}`),
  ],
])('%s: is none', (_what, text) => {
  expect(parseLogText(text)).toBeUndefined();
});

test('fields may be called anything', () => {
  const text = JSON.stringify(line).replace('"PRIORITY"', '"__proto__"');
  const parsed = parseLogText(text);
  expect(Object.keys(parsed?.fields ?? {})).toStrictEqual(['__proto__', 'nested']);
});

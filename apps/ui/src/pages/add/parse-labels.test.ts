import { expect, test } from 'vitest';
import { parseLabels } from './parse-labels.ts';

test.each([
  ['', {}],
  ['env=prod', { env: 'prod' }],
  ['env=prod, team=web', { env: 'prod', team: 'web' }],
  ['env=prod team=web\nlegacy', { env: 'prod', team: 'web', legacy: '' }],
  ['url=a=b', { url: 'a=b' }],
  [' , ,', {}],
])('%j is %j', (text, labels) => {
  expect(parseLabels(text)).toStrictEqual({ ok: true, labels });
});

test.each([
  ['=prod', '“=prod” has no name before the =.'],
  ['env=a, env=b', '“env” is there twice.'],
])('%j is refused: %s', (text, problem) => {
  expect(parseLabels(text)).toStrictEqual({ ok: false, problem });
});

test('a label called __proto__ is a label', () => {
  const parsed = parseLabels('__proto__=x');
  expect(parsed.ok ? Object.entries(parsed.labels) : []).toStrictEqual([['__proto__', 'x']]);
});

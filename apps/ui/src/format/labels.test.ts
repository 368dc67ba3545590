import { expect, test } from 'vitest';
import { formatLabels, parseLabels } from './labels.ts';

test.each([
  ['', {}],
  ['env=prod', { env: 'prod' }],
  ['env=prod, team=web', { env: 'prod', team: 'web' }],
  ['env=prod team=web\nlegacy', { env: 'prod', team: 'web', legacy: '' }],
  ['url=a=b', { url: 'a=b' }],
  [' , ,', {}],
  ['\n  env = prod \n\n canary\n', { env: 'prod', canary: '' }],
  ['canary\nenv= prod', { canary: '', env: 'prod' }],
])('%j is %j', (text, labels) => {
  expect(parseLabels(text)).toStrictEqual({ ok: true, labels });
});

test.each([
  ['=prod', '“=prod” has no name before the =.'],
  ['canary, =prod', '“=prod” has no name before the =.'],
  ['a=1\na=2', '“a” is there twice.'],
  ['env=a, env=b', '“env” is there twice.'],
])('%j is refused: %s', (text, problem) => {
  expect(parseLabels(text)).toStrictEqual({ ok: false, problem });
});

test('a label called __proto__ is a label', () => {
  const parsed = parseLabels('__proto__=x');
  expect(parsed.ok ? Object.entries(parsed.labels) : []).toStrictEqual([['__proto__', 'x']]);
});

test.each([', ', '\n'])(
  'labels survive being written and read, with %j between them',
  (separator) => {
    const labels = { env: 'prod', team: 'db', canary: '', url: 'a:b/c' };
    expect(parseLabels(formatLabels(labels, separator))).toStrictEqual({ ok: true, labels });
  },
);

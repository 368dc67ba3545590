import { expect, test } from 'vitest';
import { labelsToText, parseLabels } from './label-lines.ts';

test('labels survive being written and read', () => {
  const labels = { env: 'prod', team: 'db', canary: '', url: 'a:b/c' };
  expect(parseLabels(labelsToText(labels))).toStrictEqual({ ok: true, labels });
});

test('space around and empty lines mean nothing', () => {
  expect(parseLabels('\n  env = prod \n\n canary\n')).toStrictEqual({
    ok: true,
    labels: { env: 'prod', canary: '' },
  });
});

test.each([
  ['=prod', 'no name'],
  ['a=1\na=2', 'twice'],
])('“%s” is refused: %s', (text, problem) => {
  const parsed = parseLabels(text);
  expect(parsed.ok ? '' : parsed.problem).toContain(problem);
});

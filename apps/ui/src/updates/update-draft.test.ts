import { expect, test } from 'vitest';
import { checkUpdate, FIRST_UPDATE } from './update-draft.ts';

test.each([
  ['1', 1],
  [' 20 ', 20],
  ['canary=yes', { selector: 'canary=yes' }],
  ['', undefined],
])('canaries typed as %j are %j', (canary, expected) => {
  const checked = checkUpdate({ ...FIRST_UPDATE, canary });
  expect(checked.ok && checked.how.canary).toEqual(expected);
});

test.each([
  [{ concurrency: '0' }, 'concurrency'],
  [{ concurrency: 'many' }, 'concurrency'],
  [{ canary: '0' }, 'canary'],
  [{ maxFailures: '-1' }, 'maxFailures'],
])('%j is refused where it was typed', (change, field) => {
  expect(checkUpdate({ ...FIRST_UPDATE, ...change })).toMatchObject({ ok: false, field });
});

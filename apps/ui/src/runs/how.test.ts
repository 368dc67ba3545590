import { expect, test } from 'vitest';
import { checkHow, FIRST_HOW, howWords } from './how.ts';

test('left as it is, nothing is asked for that was not chosen', () => {
  expect(checkHow(FIRST_HOW)).toStrictEqual({
    ok: true,
    how: { concurrency: 50, offline: 'fail' },
  });
});

test('all of it is taken along, and told in words', () => {
  const draft = { concurrency: '5', canary: '2', maxFailures: '3', wait: '2h' };
  const checked = checkHow({ ...draft, offline: 'wait' });
  const how = { concurrency: 5, canary: 2, max_failures: 3, offline: 'wait', wait_seconds: 7200 };
  expect(checked).toStrictEqual({ ok: true, how });
  expect(checked.ok ? howWords(checked.how) : []).toStrictEqual([
    'First on 2 alone; the rest follows when all of these succeed.',
    'On 5 at one time.',
    'After 3 failures no further one begins.',
    'An agent that does not answer is tried again for 2h.',
  ]);
});

test.each([
  [{ concurrency: '' }, 'concurrency'],
  [{ concurrency: '501' }, 'concurrency'],
  [{ canary: '0' }, 'canary'],
  [{ canary: 'some' }, 'canary'],
  [{ maxFailures: '-1' }, 'maxFailures'],
  [{ offline: 'wait', wait: 'long' }, 'wait'],
  [{ offline: 'wait', wait: '8d' }, 'wait'],
] as const)('%j is wrong at %s', (changed, field) => {
  expect(checkHow({ ...FIRST_HOW, ...changed })).toMatchObject({ ok: false, field });
});

import { expect, test } from 'vitest';
import { changeWords, updateCountWords, updateMark } from './update-words.ts';

const STEP = {
  id: 'a',
  vm_id: 'b',
  vm_name: 'web',
  state: 'done',
  from_version: '1.4.0',
  artefact: null,
  started_at: null,
  ended_at: null,
  problem: null,
} as const;
const COUNTS = { total: 5, waiting: 0, active: 0, done: 5, failed: 0, cancelled: 0 };
const UPDATE = {
  id: 'a',
  version: '1.5.0',
  state: 'finished',
  reason: null,
  actor: { kind: 'token', name: 'ann' },
  created_at: 0,
  ended_at: 1,
  counts: COUNTS,
} as const;

test.each([
  ['1.4.0', '1.4.0 → 1.5.0'],
  ['1.5.0', '1.5.0'],
  [null, '1.5.0'],
])('an agent that was %s is told as %s', (from, words) => {
  expect(changeWords({ ...STEP, from_version: from }, '1.5.0')).toBe(words);
});

test('an agent that was not updated is told as what it is', () => {
  expect(changeWords({ ...STEP, state: 'rolled_back' }, '1.5.0')).toBe('1.4.0');
  expect(changeWords({ ...STEP, state: 'failed', from_version: null }, '1.5.0')).toBe('–');
});

test('an update is counted by how its steps stand', () => {
  expect(updateCountWords(UPDATE)).toBe('5 updated of 5');
  const counts = { total: 50, done: 44, failed: 1, active: 2, waiting: 3, cancelled: 0 };
  expect(updateCountWords({ counts })).toBe(
    '44 updated, 1 not updated, 2 under way, 3 waiting of 50',
  );
});

test('an update looks as it stands', () => {
  expect(updateMark(UPDATE)).toBe('good');
  expect(updateMark({ ...UPDATE, state: 'paused' })).toBe('paused');
  expect(updateMark({ ...UPDATE, state: 'running' })).toBe('active');
  expect(updateMark({ ...UPDATE, counts: { ...COUNTS, failed: 1 } })).toBe('bad');
  expect(updateMark({ ...UPDATE, counts: { ...COUNTS, cancelled: 1 } })).toBe('off');
});

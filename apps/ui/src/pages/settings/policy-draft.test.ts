import type { LogPolicy } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { kindOf, moved, unfinished, withChange, withNew, without } from './policy-draft.ts';

const policy = (selector: string | null): LogPolicy => ({
  selector,
  vm_id: null,
  keep: 'warn',
  last_words: true,
});
const LIST = [policy('a=1'), policy('b=2'), policy(null)];
const selectors = (policies: readonly LogPolicy[]) => policies.map(({ selector }) => selector);

test('a new policy stands before the one that fits every VM', () => {
  const list = withNew(LIST, 'vm');
  expect(list.map(kindOf)).toStrictEqual(['labels', 'labels', 'vm', 'all']);
  expect(unfinished(list)).toBe(2);
  expect(unfinished(withChange(list, 2, { vm_id: 'x' }))).toBeUndefined();
});

test('one goes up, and neither the first nor the last moves', () => {
  expect(selectors(moved(LIST, 1))).toStrictEqual(['b=2', 'a=1', null]);
  expect(moved(LIST, 0)).toStrictEqual(LIST);
  expect(moved(LIST, 2)).toStrictEqual(LIST);
});

test('one is changed or taken away, the others stay', () => {
  expect(selectors(without(LIST, 0))).toStrictEqual(['b=2', null]);
  expect(withChange(LIST, 2, { keep: 'error' })[2]).toStrictEqual({
    ...policy(null),
    keep: 'error',
  });
  expect(LIST[2]?.keep).toBe('warn');
});

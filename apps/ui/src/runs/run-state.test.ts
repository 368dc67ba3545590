import { expect, test } from 'vitest';
import { executionOf } from '../testing/runs.ts';
import { countExecutions, inOrder, newerOf, outcomeOf } from './run-state.ts';

const over = executionOf({ state: 'exited', exit_code: 0, ended_at: 2_000 });

test('what has ended does not begin again, whatever comes late', () => {
  expect(newerOf(over, executionOf())).toBe(over);
  expect(newerOf(executionOf(), over)).toBe(over);
  expect(newerOf(undefined, over)).toBe(over);
});

test('what needs a person comes first', () => {
  const executions = [
    over,
    executionOf({ state: 'queued', vm_name: 'b' }),
    executionOf({ state: 'exited', exit_code: 1, ended_at: 2_000, vm_name: 'z' }),
    executionOf({ state: 'unreachable', ended_at: 2_000, vm_name: 'a' }),
    executionOf({ vm_name: 'c' }),
  ];
  expect(inOrder(executions).map(outcomeOf)).toStrictEqual([
    'failed',
    'failed',
    'active',
    'queued',
    'succeeded',
  ]);
  expect(countExecutions(executions)).toStrictEqual({
    total: 5,
    queued: 1,
    active: 1,
    succeeded: 1,
    failed: 2,
    cancelled: 0,
  });
});

test('what runs past its timeout stands before all else: it waits for an answer', () => {
  const failed = executionOf({ id: 'a', state: 'lost', ended_at: 5 });
  const overdue = executionOf({ id: 'b', overdue_since: 5 });
  expect(inOrder([failed, overdue]).map(({ id }) => id)).toStrictEqual(['b', 'a']);
});

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

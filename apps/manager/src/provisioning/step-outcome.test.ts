import { expect, it } from 'vitest';
import { newExecution } from '../runs/create-run.ts';
import type { ExecutionRecord } from '../runs/run-record.ts';
import { outcomeOf } from './step-outcome.ts';

const ids = { id: 'e', vmId: 'v', vmName: 'vm', key: 1, runKey: 1 };
const problem = (code: string) => ({ code, message: 'why' });

it.each<[string, Partial<ExecutionRecord> | undefined, object]>([
  ['0 is good', { state: 'exited', exitCode: 0 }, { state: 'succeeded', exitCode: 0 }],
  ['else not', { state: 'exited', exitCode: 3 }, { state: 'failed', exitCode: 3 }],
  [
    'a signal',
    { state: 'exited', signal: 'SIGKILL', timedOut: true },
    { state: 'failed', exitCode: undefined, signal: 'SIGKILL', timedOut: true },
  ],
  [
    'run before',
    { state: 'refused', problem: problem('already_done') },
    { state: 'succeeded', problem: problem('already_done') },
  ],
  [
    'failed before',
    { state: 'refused', problem: problem('already_begun') },
    { state: 'failed', problem: problem('already_begun') },
  ],
  // Who says so must have been asked to run it just now.
  ['odd', { state: 'lost', problem: problem('already_done') }, { state: 'failed' }],
  ['stopped', { state: 'cancelled' }, { state: 'failed', problem: { code: 'cancelled' } }],
  ['deleted', undefined, { state: 'failed', problem: { code: 'run_deleted' } }],
])('the end of an execution is that of its step: %s', (_name, changes, expected) => {
  const execution = changes && { ...newExecution(ids), ...changes };
  expect(outcomeOf(execution)).toMatchObject(expected);
});

import { expect, test } from 'vitest';
import { executionOf } from '../testing/runs.ts';
import { commandText, countWords, executionWords, runMark, runWords } from './execution-words.ts';

const problem = { code: 'x', message: 'no answer' };
const ended = { state: 'exited', ended_at: 2_000 } as const;

test.each([
  [{ state: 'queued', problem }, 'waiting: no answer'],
  [{ state: 'running' }, 'running'],
  [{ state: 'running', stop_requested_at: 5 }, 'stopping'],
  [{ state: 'running', overdue_since: 5 }, 'running past its timeout'],
  [{ state: 'running', left_at: 5 }, 'running, left alone'],
  [{ ...ended, exit_code: 0 }, 'exit code 0'],
  [{ ...ended, signal: 'SIGKILL' }, 'ended by SIGKILL'],
  [{ ...ended, signal: 'SIGTERM', timed_out: true }, 'timed out after 5m, ended by SIGTERM'],
  [{ ...ended, signal: 'SIGTERM', stop_requested_at: 5 }, 'stopped, ended by SIGTERM'],
  [{ state: 'unreachable', problem }, 'not reached: no answer'],
  [{ state: 'lost', problem }, 'lost, nobody knows how it ended: no answer'],
] as const)('an execution that is %j is “%s”', (changed, words) => {
  expect(executionWords(executionOf(changed), 300)).toBe(words);
});

const NONE = { total: 50, queued: 0, active: 0, succeeded: 0, failed: 0, cancelled: 0 };

test('a run is told by its numbers', () => {
  expect(countWords({ counts: { ...NONE, succeeded: 48, failed: 2 } })).toBe(
    '48 succeeded, 2 failed of 50',
  );
  expect(countWords({ counts: { ...NONE, total: 1, active: 1 } })).toBe('running');
});

test('a run that has failed somewhere looks so, once it is over', () => {
  const counts = { ...NONE, succeeded: 49, failed: 1 };
  expect(runMark({ state: 'running', counts })).toBe('active');
  expect(runMark({ state: 'finished', counts })).toBe('bad');
  expect(runMark({ state: 'finished', counts: { ...NONE, succeeded: 50 } })).toBe('good');
  expect(runWords({ state: 'paused', reason: 'canary_failed' })).toBe(
    'paused since one of the first VMs has failed',
  );
});

test('a command is written as a shell would take it', () => {
  const rest = { interpreter: null, cwd: null, user: null, env_names: [], stdin_bytes: 0 };
  expect(commandText({ ...rest, argv: ['echo', "it's", '-n', ''], script: null })).toBe(
    `echo 'it'\\''s' -n ''`,
  );
  expect(commandText({ ...rest, argv: null, script: 'a\nb' })).toBe('a\nb');
});

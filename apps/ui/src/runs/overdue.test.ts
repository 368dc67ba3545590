import { expect, test } from 'vitest';
import { executionOf, runOf } from '../testing/runs.ts';
import { overdueWords, timeLeftWords } from './overdue.ts';

const KILL = { timeout_seconds: 120, on_timeout: 'kill', limit_seconds: 120 } as const;
const ASK = { timeout_seconds: 120, on_timeout: 'ask', limit_seconds: 86_400 } as const;
const STARTED = 1_000_000;

test.each([
  [KILL, {}, 10, undefined],
  [KILL, {}, 70, 'is ended in 50s, at its timeout'],
  [KILL, {}, 121, 'timeout'],
  [KILL, { state: 'exited', ended_at: 5 }, 70, undefined],
  [KILL, { state: 'queued', started_at: null }, 70, undefined],
  [ASK, {}, 10, undefined],
  [ASK, {}, 70, 'past its timeout in 50s'],
  [ASK, { extended_until: STARTED + 300_000 }, 130, undefined],
  [ASK, { extended_until: STARTED + 300_000 }, 250, 'past its timeout in 50s'],
  [ASK, { overdue_since: STARTED + 120_000 }, 130, undefined],
  [ASK, { left_at: STARTED + 100_000 }, 110, undefined],
  [ASK, { stop_requested_at: STARTED + 100_000 }, 110, undefined],
  [ASK, { left_at: STARTED + 125_000 }, 86_350, 'is ended in 50s, at its timeout'],
] as const)('of %j, %j, after %i s there is said: %s', (run, changed, seconds, words) => {
  const execution = executionOf({ started_at: STARTED, ...changed });
  expect(timeLeftWords(run, execution, STARTED + seconds * 1000)).toBe(words);
});

test('what is overdue says how long it has been allowed to run', () => {
  const run = { ...runOf([]), timeout_seconds: 60 };
  const overdue = { started_at: STARTED, overdue_since: STARTED + 60_000 };
  expect(overdueWords(run, executionOf(overdue))).toBe('This has run longer than 1m.');
  const again = { ...overdue, extended_until: STARTED + 150_000 };
  expect(overdueWords(run, executionOf(again))).toBe('This has run longer than 2m 30s.');
});

test('what is not overdue, or has ended, says nothing', () => {
  const run = runOf([]);
  expect(overdueWords(run, executionOf())).toBeUndefined();
  expect(overdueWords(run, executionOf({ overdue_since: 5, ended_at: 6 }))).toBeUndefined();
});

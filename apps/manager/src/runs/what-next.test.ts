import { expect, test } from 'vitest';
import type { ExecutionRecord, RunRecord } from './run-record.ts';
import { whatNext } from './what-next.ts';

type Seen = Pick<ExecutionRecord, 'state' | 'exitCode'>;

const queued: Seen = { state: 'queued', exitCode: undefined };
const runs: Seen = { state: 'running', exitCode: undefined };
const good: Seen = { state: 'exited', exitCode: 0 };
const bad: Seen = { state: 'exited', exitCode: 1 };
const killed: Seen = { state: 'exited', exitCode: undefined };
const lost: Seen = { state: 'lost', exitCode: undefined };
const cancelled: Seen = { state: 'cancelled', exitCode: undefined };

const base = {
  state: 'running',
  reason: undefined,
  canary: undefined,
  maxFailures: undefined,
} satisfies Pick<RunRecord, 'state' | 'reason' | 'canary' | 'maxFailures'>;
const all = { kind: 'go_on', upTo: Infinity };
const none = { kind: 'go_on', upTo: 0 };

const CASES: readonly (readonly [string, Partial<RunRecord>, readonly Seen[], boolean, object])[] =
  [
    ['a run goes on', {}, [good, runs, queued], false, all],
    ['and is finished when all are over', {}, [good, bad, lost], false, { state: 'finished' }],
    ['canaries come first', { canary: 2 }, [queued, queued, queued], false, { upTo: 2 }],
    ['until all of them have succeeded', { canary: 2 }, [good, runs, queued], false, { upTo: 2 }],
    ['then the others', { canary: 2 }, [good, good, queued], false, all],
    ['one that fails pauses', { canary: 2 }, [good, bad, queued], false, { state: 'paused' }],
    ['a killed one too', { canary: 1 }, [killed, queued], false, { reason: 'canary_failed' }],
    ['unless somebody went on', { canary: 2 }, [good, bad, queued], true, all],
    ['as many failures as allowed go on', { maxFailures: 2 }, [bad, queued], false, all],
    ['more stop', { maxFailures: 2 }, [bad, lost, queued], false, { reason: 'max_failures' }],
    [
      'also while paused',
      { maxFailures: 1, state: 'paused' },
      [bad, queued],
      false,
      { state: 'stopping' },
    ],
    ['what was cancelled did not fail', { maxFailures: 1 }, [cancelled, queued], false, all],
    ['paused begins nothing', { state: 'paused' }, [runs, queued], false, none],
    ['but ends', { state: 'paused' }, [good], false, { state: 'finished' }],
    ['stopping waits', { state: 'stopping' }, [runs], false, none],
    [
      'and ends',
      { state: 'stopping', reason: 'requested' },
      [cancelled],
      false,
      { state: 'stopped', reason: 'requested' },
    ],
  ];

test.each(CASES)('%s', (_what, run, executions, isPassed, expected) => {
  expect(whatNext({ ...base, ...run }, executions, isPassed)).toMatchObject(expected);
});

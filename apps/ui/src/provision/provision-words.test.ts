import type { ProvisioningRound, ProvisioningStep } from '@innkeeper/protocol';
import { describe, expect, it } from 'vitest';
import { mergeRounds } from './merge-rounds.ts';
import { causeWords, roundWords, stepAdvice, stepWords, targetWords } from './provision-words.ts';

const step = (more: Partial<ProvisioningStep> = {}): ProvisioningStep => ({
  position: 0,
  source: 'manager',
  name: 'base',
  when: 'first_boot',
  script_id: null,
  path: null,
  sha256: null,
  state: 'waiting',
  attempts: 0,
  run_id: null,
  execution_id: null,
  exit_code: null,
  signal: null,
  timed_out: false,
  started_at: null,
  ended_at: null,
  progress: null,
  problem: null,
  last_lines: null,
  ...more,
});
const round = (more: Partial<ProvisioningRound> = {}): ProvisioningRound => ({
  id: 'a',
  vm_id: 'vm',
  boot_id: 'boot',
  cause: 'boot',
  requested_by: null,
  state: 'running',
  created_at: 1,
  ended_at: null,
  steps: [],
  ...more,
});
const problem = (code: string) => ({ code, message: 'why' });

describe('the words of a step', () => {
  it.each<[Partial<ProvisioningStep>, string]>([
    [{ state: 'waiting' }, 'waits'],
    [{ state: 'running' }, 'running'],
    [{ state: 'running', problem: problem('unreachable') }, 'waits for the agent'],
    [{ state: 'succeeded' }, 'done'],
    [{ state: 'succeeded', problem: problem('already_done') }, 'had run before'],
    [{ state: 'failed', exit_code: 3 }, 'failed with exit code 3'],
    [{ state: 'failed', signal: 'SIGKILL' }, 'ended by SIGKILL'],
    [{ state: 'failed', timed_out: true, signal: 'SIGTERM' }, 'took too long, and was ended'],
    [{ state: 'failed' }, 'failed'],
    [{ state: 'skipped' }, 'skipped'],
    [{ state: 'cancelled' }, 'ended by a restart of the machine'],
  ])('%j', (more, words) => {
    expect(stepWords(step(more))).toBe(words);
  });

  it('have advice where there is something to do, and never for a name that is none', () => {
    expect(stepAdvice(step({ state: 'failed', problem: problem('already_begun') }))).toMatch(
      /skip it/u,
    );
    expect(stepAdvice(step({ state: 'succeeded', problem: problem('already_begun') }))).toBe(
      undefined,
    );
    expect(stepAdvice(step({ state: 'failed', problem: problem('constructor') }))).toBe(undefined);
  });
});

describe('the words of a round', () => {
  it('count what is done, and name what has failed', () => {
    const steps = [step({ state: 'succeeded' }), step({ name: 'db', state: 'failed' }), step()];
    expect(roundWords(round({ steps, state: 'failed' }))).toBe('db failed, 1 of 3 steps done');
    expect(roundWords(round({ steps }))).toBe('running, 1 of 3 steps done');
    const one = [step({ state: 'skipped' })];
    expect(roundWords(round({ steps: one, state: 'finished' }))).toBe('finished, 1 of 1 step');
    expect(causeWords(round({ cause: 'request', requested_by: 'ann' }))).toBe('asked for by ann');
  });

  it('say for whom a script is', () => {
    const nameOf = (id: string) => (id === 'known' ? 'web-1' : undefined);
    expect(targetWords({ vm_id: 'known', selector: null }, nameOf)).toBe('web-1');
    expect(targetWords({ vm_id: 'gone', selector: null }, nameOf)).toBe('gone');
    expect(targetWords({ vm_id: null, selector: ' ' }, nameOf)).toBe('all VMs');
    expect(targetWords({ vm_id: null, selector: 'env=prod' }, nameOf)).toBe('env=prod');
  });
});

describe('mergeRounds', () => {
  const ids = (rounds: readonly ProvisioningRound[] | undefined) => rounds?.map(({ id }) => id);

  it('takes what is live for what was asked, and puts what is new before', () => {
    const asked = [round({ id: 'b', created_at: 2 }), round({ id: 'a' })];
    const live = round({ id: 'b', created_at: 2, state: 'finished' });
    expect(mergeRounds(asked, live)).toEqual([live, asked[1]]);
    expect(ids(mergeRounds(asked, round({ id: 'c', created_at: 3 })))).toEqual(['c', 'b', 'a']);
  });

  it('knows nothing before either has come', () => {
    expect(mergeRounds(undefined, undefined)).toBeUndefined();
    expect(mergeRounds(undefined, null)).toBeUndefined();
    expect(mergeRounds([], null)).toEqual([]);
  });
});

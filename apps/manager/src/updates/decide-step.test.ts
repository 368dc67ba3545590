import type { AgentUpdate } from '@innkeeper/protocol';
import { describe, expect, test } from 'vitest';
import { decideStep } from './decide-step.ts';

const OLD = 'a'.repeat(64);
const NEW = 'b'.repeat(64);
const OFFER = { version: '1.5.0', sha256: NEW };

const statusWith = (more: Partial<AgentUpdate> = {}): AgentUpdate => ({
  vm_id: 'vm',
  version: '1.4.0',
  artefact: 'guest-agent.mjs',
  sha256: OLD,
  refusal: null,
  attempt: null,
  ...more,
});
const attempt = (
  state: NonNullable<AgentUpdate['attempt']>['state'],
  id = 'mine',
  problem: NonNullable<AgentUpdate['attempt']>['problem'] = null,
) => ({ id, version: '1.5.0', state, problem });
const problem = { code: 'wrong_hash', message: 'no' };
const fresh = { id: 'mine', state: 'waiting', sha256: undefined } as const;
const ordered = { id: 'mine', state: 'downloading', sha256: NEW } as const;

describe('a step', () => {
  test.each([
    ['is ordered of an agent that is another version', fresh, statusWith(), { kind: 'order' }],
    [
      'is done where the agent is it already',
      fresh,
      statusWith({ version: '1.5.0', sha256: NEW }),
      { kind: 'end', state: 'done' },
    ],
    [
      'follows the agent while it downloads',
      ordered,
      statusWith({ attempt: attempt('downloading') }),
      { kind: 'wait', state: 'downloading' },
    ],
    [
      'is confirmed on trial, where version and checksum are those that were ordered',
      ordered,
      statusWith({ version: '1.5.0', sha256: NEW, attempt: attempt('trial') }),
      { kind: 'confirm' },
    ],
    [
      'is not confirmed where the checksum is another one',
      ordered,
      statusWith({ version: '1.5.0', sha256: 'c'.repeat(64), attempt: attempt('trial') }),
      { kind: 'wait', state: 'checking', problem: { code: 'wrong_version' } },
    ],
    [
      'is not confirmed where the version is another one',
      ordered,
      statusWith({ version: '1.4.0', sha256: NEW, attempt: attempt('trial') }),
      { kind: 'wait', state: 'checking', problem: { code: 'wrong_version' } },
    ],
    [
      'is done once it was confirmed, also by a manager that is gone',
      ordered,
      statusWith({ version: '1.5.0', sha256: NEW, attempt: attempt('confirmed') }),
      { kind: 'end', state: 'done' },
    ],
    [
      'is rolled back where the agent is the old one again',
      ordered,
      statusWith({ attempt: attempt('returned', 'mine', problem) }),
      { kind: 'end', state: 'rolled_back', problem },
    ],
    [
      'has failed where the agent says so',
      ordered,
      statusWith({ attempt: attempt('failed', 'mine', problem) }),
      { kind: 'end', state: 'failed', problem },
    ],
    [
      'is ordered again where commands began meanwhile',
      ordered,
      statusWith({ attempt: attempt('failed', 'mine', { code: 'busy', message: '' }) }),
      { kind: 'order' },
    ],
    [
      'is ordered again where the agent was started anew and has forgotten it',
      ordered,
      statusWith(),
      { kind: 'order' },
    ],
    [
      'waits for the update of somebody else',
      fresh,
      statusWith({ attempt: attempt('trial', 'other') }),
      { kind: 'wait', state: 'waiting', problem: { code: 'conflict' } },
    ],
    [
      'does not mind how one of somebody else ended',
      fresh,
      statusWith({ attempt: attempt('returned', 'other', problem) }),
      { kind: 'order' },
    ],
    [
      'has failed where the agent may not be updated',
      fresh,
      statusWith({ refusal: { code: 'not_updatable', message: 'closed' } }),
      { kind: 'end', state: 'failed', problem: { code: 'not_updatable' } },
    ],
  ] as const)('%s', (_name, step, status, expected) => {
    expect(decideStep(step, status, OFFER)).toMatchObject(expected);
  });

  test('has failed where the manager has no such artefact, or not any more', () => {
    const none = { ...OFFER, sha256: undefined };
    expect(decideStep(fresh, statusWith(), none)).toMatchObject({
      kind: 'end',
      state: 'failed',
      problem: { code: 'no_artefact' },
    });
    // What was ordered of an earlier manager is seen to its end.
    const trial = statusWith({ version: '1.5.0', sha256: NEW, attempt: attempt('trial') });
    expect(decideStep(ordered, trial, none)).toEqual({ kind: 'confirm' });
  });
});

import { expect, test } from 'vitest';
import { makeTimeFormat } from '../../format/time.ts';
import { agentSilence } from './agent-silence.ts';

const time = makeTimeFormat('UTC');
const SEEN = Date.UTC(2026, 10, 20, 14, 23, 12);

test('an agent that answers, or was not heard of yet, is waited for', () => {
  expect(agentSilence(undefined, time).kind).toBe('waiting');
  const reading = { origin: 'guest', reason: null, agent_seen_at: SEEN } as const;
  expect(agentSilence(reading, time).kind).toBe('waiting');
});

test('one that is silent is said to be, with the time of its last answer', () => {
  const reading = { origin: 'none', reason: 'unreachable', agent_seen_at: SEEN } as const;
  expect(agentSilence(reading, time)).toStrictEqual({
    kind: 'silent',
    why: 'the agent does not answer; it last did at 20 Nov, 14:23:12',
  });
});

test('one that never answered, or cannot be asked, has no such time', () => {
  const never = { origin: 'host', reason: 'timeout', agent_seen_at: null } as const;
  expect(agentSilence(never, time)).toStrictEqual({
    kind: 'silent',
    why: 'the agent has not answered since the manager knows of it',
  });
  const nowhere = { origin: 'none', reason: 'no_guest_ip', agent_seen_at: null } as const;
  expect(agentSilence(nowhere, time)).toStrictEqual({
    kind: 'silent',
    why: 'it has no address at which its agent could be asked',
  });
});

import type { Enrollment } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { enrollmentSteps, refusalNote } from './enrollment-steps.ts';

const statesOf = (...events: Enrollment['events']): string =>
  enrollmentSteps({ events })
    .map(({ state }) => state)
    .join(' ');

test('without a token nothing is waited for', () => {
  expect(statesOf()).toBe('waiting waiting waiting waiting waiting');
});

test('the step after the last one that is done is waited for', () => {
  expect(statesOf({ kind: 'token_made', at: 1 })).toBe('done current waiting waiting waiting');
});

test('an agent that was there already is never downloaded, and that is no step to wait for', () => {
  expect(
    statesOf(
      { kind: 'token_made', at: 1 },
      { kind: 'token_used', at: 2 },
      { kind: 'enrolled', at: 2 },
    ),
  ).toBe('done unseen done done current');
});

test('each step tells how long after the token it was', () => {
  const [, downloaded] = enrollmentSteps({
    events: [
      { kind: 'token_made', at: 1000 },
      { kind: 'agent_downloaded', at: 4500 },
    ],
  });
  expect(downloaded).toMatchObject({ at: 4500, afterMs: 3500 });
});

const refusal = {
  code: 'token_expired',
  message: 'the enrolment token has expired',
  remote_address: '10.0.0.5',
  at: 100,
};
const agent: NonNullable<Enrollment['agent']> = {
  hostname: 'web-01',
  addresses: [],
  boot_id: null,
  remote_address: null,
  at: 90,
  fingerprint: 'ab',
  agent_port: 8080,
  version: '1.0.0',
  build: 'native',
  architecture: 'x64',
  enrolled_at: 90,
};

test('a refusal says what to do, and one that nobody knows says what the manager said', () => {
  const told = { refusal, agent: null, state: 'waiting' } as const;
  expect(refusalNote(told)).toMatchObject({ words: 'The token has expired', from: '10.0.0.5' });
  expect(refusalNote(told)?.advice).toContain('Make a new one');
  const odd = refusalNote({ ...told, refusal: { ...refusal, code: 'constructor' } });
  expect(odd).toMatchObject({ words: 'the enrolment token has expired', advice: '' });
});

test('a refusal is over once the agent was let in, and not before', () => {
  const enrolled = { refusal, state: 'enrolled' } as const;
  expect(refusalNote({ ...enrolled, agent: { ...agent, enrolled_at: 101 } })).toBeUndefined();
  expect(refusalNote({ ...enrolled, agent })).toBeDefined();
  // The machine before is enrolled still; the one that replaces it is refused.
  const replacing = { ...agent, enrolled_at: 101 };
  expect(refusalNote({ ...enrolled, agent: replacing, state: 'waiting' })).toBeDefined();
});

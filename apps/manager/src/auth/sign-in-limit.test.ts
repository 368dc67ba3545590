import { expect, test } from 'vitest';
import { makeSignInLimit } from './sign-in-limit.ts';

const makeClock = (): { ms: number; monotonicMs: () => number } => {
  const clock = { ms: 5, monotonicMs: () => clock.ms };
  return clock;
};

test('an address has ten failures in a minute, and others have their own', () => {
  const clock = makeClock();
  const limit = makeSignInLimit(clock);
  for (let count = 0; count < 10; count += 1) {
    expect(limit.countFailure('10.0.0.1')).toBeUndefined();
  }
  clock.ms += 15_000;
  expect(limit.countFailure('10.0.0.1')).toBe(45);
  expect(limit.countFailure('10.0.0.2')).toBeUndefined();
  clock.ms += 45_000;
  expect(limit.countFailure('10.0.0.1')).toBeUndefined();
});

test('all addresses together have thirty, so that memory and audit have a limit', () => {
  const limit = makeSignInLimit(makeClock());
  const answers = Array.from({ length: 150 }, (_, n) => limit.countFailure(`10.0.${n}.1`));
  expect(answers.filter((answer) => answer === undefined)).toHaveLength(30);
});

test('a token opens a hundred and twenty sessions in a minute, and others have their own', () => {
  const clock = makeClock();
  const limit = makeSignInLimit(clock);
  const answers = Array.from({ length: 121 }, () => limit.countSuccess('a'));
  expect(answers.filter((answer) => answer === undefined)).toHaveLength(120);
  expect(limit.countSuccess('b')).toBeUndefined();
  clock.ms += 60_000;
  expect(limit.countSuccess('a')).toBeUndefined();
});

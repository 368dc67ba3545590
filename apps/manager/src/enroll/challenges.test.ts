import { expect, test } from 'vitest';
import { makeChallenges } from './challenges.ts';

test('a challenge is good once, for a minute, for one agent, until there is a newer one', () => {
  let nowMs = 0;
  const challenges = makeChallenges({ monotonicMs: () => nowMs });
  const first = challenges.give('vm-1');
  expect(challenges.isOpen('vm-2', first)).toBe(false);
  expect(challenges.isOpen('vm-1', first)).toBe(true);
  const second = challenges.give('vm-1');
  expect(challenges.take('vm-1', first)).toBe(false);
  expect(challenges.take('vm-1', second)).toBe(true);
  expect(challenges.take('vm-1', second)).toBe(false);
  const third = challenges.give('vm-1');
  nowMs += 60_001;
  expect(challenges.take('vm-1', third)).toBe(false);
});

test('so many challenges are kept and no more', () => {
  const challenges = makeChallenges({ monotonicMs: () => 0 });
  const first = challenges.give('first');
  for (let count = 0; count < 10_000; count += 1) challenges.give(`vm-${count}`);
  expect(challenges.isOpen('first', first)).toBe(false);
});

import { expect, test } from 'vitest';
import { sampleAgeMs } from './sample-age.ts';

const times = { receivedAt: 50_000, now: 50_300, managerNow: 100_000 };

test('a sample is as old as it was when it came, and the time since', () => {
  const reading = { origin: 'guest', age_ms: 200, agent_seen_at: 99_000 } as const;
  expect(sampleAgeMs({ reading, ...times })).toBe(500);
});

test('while nobody tells values it is the agent’s last answer that counts, not the last reading', () => {
  const reading = { origin: 'none', age_ms: 0, agent_seen_at: 36_000 } as const;
  expect(sampleAgeMs({ reading, ...times })).toBe(64_000);
});

test('what a host tells is a sample', () => {
  const reading = { origin: 'host', age_ms: 0, agent_seen_at: 36_000 } as const;
  expect(sampleAgeMs({ reading, ...times })).toBe(300);
});

test('without any answer ever there is no age', () => {
  const reading = { origin: 'none', age_ms: 0, agent_seen_at: null } as const;
  expect(sampleAgeMs({ reading, ...times })).toBeUndefined();
});

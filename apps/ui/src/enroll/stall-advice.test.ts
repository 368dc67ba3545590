import { expect, test } from 'vitest';
import { stallAdvice } from './stall-advice.ts';

const waiting = { agent: null, refusal: null, state: 'waiting' } as const;

test.each([
  ['agent_downloaded', 119_000, undefined],
  ['agent_downloaded', 120_000, 'Nobody has fetched the agent yet.'],
  ['token_used', 30_000, 'The agent was fetched, and has not shown its token.'],
  ['enrolled', 900_000, undefined],
  [undefined, 900_000, undefined],
] as const)('waiting for %s for %d ms is explained by: %s', (step, waitedMs, why) => {
  expect(stallAdvice(waiting, step, waitedMs)?.why).toBe(why);
});

test('where a token was refused, or waits no more, that says more', () => {
  const refusal = { code: 'token_expired', message: '', remote_address: '10.0.0.5', at: 1 };
  expect(stallAdvice({ ...waiting, refusal }, 'token_used', 900_000)).toBeUndefined();
  expect(stallAdvice({ ...waiting, state: 'none' }, 'token_used', 900_000)).toBeUndefined();
});

test('an agent that is not reached is told with its port', () => {
  const enrolled = { ...waiting, state: 'enrolled' } as const;
  const told = stallAdvice(enrolled, 'first_reading', 10_000);
  expect(told?.steps[0]?.text).toContain('port 8080');
});

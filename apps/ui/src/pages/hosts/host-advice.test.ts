import { expect, test } from 'vitest';
import { hostSentence } from './host-advice.ts';

test('without a reason the state is all there is to say', () => {
  expect(hostSentence({ state: 'up', reason: null })).toBe('It answers.');
  expect(hostSentence({ state: 'unknown', reason: null })).toBe('It was not asked yet.');
});

test.each(['http', 'malformed', 'unauthorized', 'wrong_identity', 'too_large'] as const)(
  '%s: what answers is not said to give no answer',
  (reason) => {
    const sentence = hostSentence({ state: 'down', reason });
    expect(sentence).toMatch(/^(?:It|What|Its|Another) /u);
    expect(sentence).not.toContain('does not answer');
  },
);

test('what to look at first comes after what is wrong', () => {
  expect(hostSentence({ state: 'down', reason: 'malformed' })).toBe(
    'What answers there is no agent. Check the port.',
  );
});

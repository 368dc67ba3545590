import type { LogState } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { makeMark } from '../testing/log-entries.ts';
import { makeLineTime } from './line-time.ts';
import { keptText, limitedCountText, noteText, statusWords } from './log-words.ts';
import { makeRate } from './rate.ts';

test.for([
  [makeMark(1, 'resumed', 0), 'Agent reconnected: no line lost.'],
  [makeMark(1, 'resumed', 1), 'Agent reconnected: 1 line missing.'],
  [makeMark(1, 'resumed', null), 'Agent reconnected: nobody can tell how many lines are missing.'],
  [
    { ...makeMark(1, 'lost', 1200), reason: 'vacuumed' },
    '1,200 lines lost in the guest: the journal has deleted them.',
  ],
  [makeMark(1, 'lost', null), 'An unknown number of lines lost in the guest.'],
  [makeMark(1, 'rebooted', 0), 'The guest has started again.'],
] as const)('%j is “%s”', ([mark, words]) => {
  expect(noteText({ kind: 'mark', mark })).toBe(words);
});

test('a stream that is away says why, for how long yet, and what to do', () => {
  const state: LogState = {
    vm_id: 'vm',
    state: 'reconnecting',
    since: 0,
    retry_at: 5_400,
    failure: { kind: 'unreachable', message: 'ECONNREFUSED' },
  };
  expect(statusWords({ kind: 'told', state }, 1_000)).toStrictEqual({
    state: 'lost',
    short: 'Reconnecting',
    long: 'No new lines: the agent cannot be reached (ECONNREFUSED). What you see is what was there.',
    retry: 'Trying again in 5 s.',
    advice: 'Is the agent running in the VM, and does its firewall let the manager in?',
  });
  expect(statusWords({ kind: 'told', state: { ...state, state: 'live' } }, 0).long).toBeUndefined();
});

test('what waits is counted up to 999', () => {
  const words = [1, 999, 1_000, 20_000].map((count) => limitedCountText(count, 'new line'));
  expect(words).toStrictEqual(['1 new line', '999 new lines', '999+ new lines', '999+ new lines']);
});

test('kept lines are told as such, with the reason', () => {
  expect(keptText('no answer', true)).toMatch(
    /^These lines were kept by the manager.*: no answer$/u,
  );
  expect(keptText('no answer', false)).toMatch(/^The earlier lines were kept/u);
});

test('lines a second are of the last seconds', () => {
  const rate = makeRate();
  expect(rate.perSecond(0)).toBe(0);
  for (let at = 0; at < 10_000; at += 100) rate.add(at, 50);
  expect(rate.perSecond(900)).toBe(0);
  expect(rate.perSecond(10_000)).toBeCloseTo(500, -2);
  expect(rate.perSecond(20_000)).toBe(0);
});

test('times have milliseconds, also of lines that share their second', () => {
  const asked: number[] = [];
  const time = makeLineTime({
    clock: (ms) => {
      asked.push(ms);
      return `s${ms / 1000}`;
    },
  });
  expect([time(1_007), time(1_999), time(2_000)]).toStrictEqual(['s1.007', 's1.999', 's2.000']);
  expect(asked).toStrictEqual([1_000, 2_000]);
});

import { expect, test } from 'vitest';
import type { Moment } from '../../state/vm-live.ts';
import { findMoment, lastListed, silentSince } from './vm-moments.ts';

const START = 1_763_640_000_000;
const momentsAt = (...seconds: readonly number[]): Moment[] =>
  seconds.map((second) => ({ at: START + second * 1_000, cores: null, top: null, topAt: null }));
const secondOf = (moments: readonly Moment[], second: number): number | undefined => {
  const found = findMoment(moments, START + second * 1_000);
  return found === undefined ? undefined : (found.at - START) / 1_000;
};

test('the moment that was asked is the last one that is not later than that, or hardly', () => {
  const moments = momentsAt(0, 1, 2, 3, 10, 11);
  expect(secondOf(moments, 2)).toBe(3);
  expect(secondOf(moments, 4)).toBe(3);
  expect(secondOf(moments, 11)).toBe(11);
});

test('before the first, in a gap and long after the last there is none', () => {
  const moments = momentsAt(0, 1, 2, 3, 10, 11);
  for (const second of [-60, 7, 60]) expect(secondOf(moments, second)).toBeUndefined();
  expect(secondOf([], 0)).toBeUndefined();
});

test('a list of processes outlasts the moments that have none', () => {
  const [first, second] = momentsAt(0, 1);
  if (first === undefined || second === undefined) throw new Error('two moments');
  const listed = { ...first, top: [] };
  expect(lastListed([listed, second])).toBe(listed);
  expect(lastListed([first, second])).toBeUndefined();
});

test('an agent is silent since its last answer, unless it answers or never did', () => {
  expect(silentSince({ origin: 'none', agent_seen_at: START })).toBe(START);
  expect(silentSince({ origin: 'host', agent_seen_at: START })).toBe(START);
  expect(silentSince({ origin: 'guest', agent_seen_at: START })).toBeUndefined();
  expect(silentSince({ origin: 'none', agent_seen_at: null })).toBeUndefined();
  expect(silentSince(undefined)).toBeUndefined();
});

import type { Sample } from '@innkeeper/protocol';
import { expect, test } from 'vitest';
import { makeProcess } from '../../../../test/support/store-process.ts';
import { topListOf } from './top-list.ts';

const RECEIVED_AT = 1_763_640_000_000;
/** The guest's clock is days behind. */
const TAKEN_AT = 1_763_000_000_000;
const list = (): Sample['processes']['top'] => [makeProcess()];

const timed = (top: Sample['processes']['top'], ageMs: number | undefined, after = 0) => ({
  value: {
    taken_at: TAKEN_AT + after,
    processes: { top, scanned_at: ageMs === undefined ? null : TAKEN_AT + after - ageMs },
  },
  receivedAt: RECEIVED_AT + after,
});

const ageOf = (ageMs: number | undefined, top = list()): number | null => {
  const { at } = topListOf(undefined, timed(top, ageMs));
  return at === null ? null : RECEIVED_AT - at;
};

test('a list is as old as the guest says, by the clock of the manager', () => {
  expect(ageOf(4_000)).toBe(4_000);
  expect(ageOf(undefined)).toBe(0);
});

test('a guest whose clock was set does not make its list older than a minute, or of tomorrow', () => {
  expect(ageOf(86_400_000)).toBe(60_000);
  expect(ageOf(-5_000)).toBe(0);
});

test('no list has no moment', () => {
  expect(ageOf(4_000, [])).toBeNull();
});

test('a list keeps its moment while it is the same, also when it is sent again', () => {
  const first = topListOf(undefined, timed(list(), 4_000));
  // The guest has counted again since, and not sent what it found.
  expect(topListOf(first, timed(first.top, 0, 8_000))).toBe(first);
  expect(topListOf(first, timed(list(), 4_003, 3)).at).toBe(first.at);
  expect(topListOf(first, timed(list(), 1_000, 9_000)).at).toBe(RECEIVED_AT + 8_000);
});

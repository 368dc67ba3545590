import { describe, expect, it } from 'vitest';
import { compareEntries, type EntryPlace } from './entry-order.ts';

const place = (change: Partial<EntryPlace>): EntryPlace => ({
  seqnumId: 'a',
  seqnum: 5,
  bootId: 'b',
  monotonicUs: 50,
  realtimeUs: 500,
  xorHash: '1f',
  ...change,
});

describe('compareEntries', () => {
  it.each([
    ['the number, of one journald', { seqnum: 6, realtimeUs: 1, monotonicUs: 1 }, -1],
    [
      'time since boot, between journalds',
      { seqnumId: 'z', seqnum: 1, monotonicUs: 51, realtimeUs: 1 },
      -1,
    ],
    [
      'the clock, between boots',
      { seqnumId: 'z', bootId: 'c', monotonicUs: 1, realtimeUs: 501 },
      -1,
    ],
    ['the hash, when all else is the same', { seqnumId: 'z', xorHash: '20' }, -1],
    ['the hash as a number', { seqnumId: 'z', xorHash: '100' }, -1],
  ])('goes by %s', (_, change, sign) => {
    expect(Math.sign(compareEntries(place({}), place(change)))).toBe(sign);
    expect(Math.sign(compareEntries(place(change), place({})))).toBe(-sign);
  });

  it('finds the same entry in two files', () => {
    expect(compareEntries(place({}), place({}))).toBe(0);
  });
});

/**
 * Which of two entries comes first: as sd-journal decides it, so that both show the same order. One
 * journald counts through all of its files; between journalds only the clocks are left.
 */
import type { JournalCursor } from './cursor.ts';

/** An entry, or what a header tells of its first or last one. */
export type EntryPlace = Omit<JournalCursor, 'xorHash'> & { readonly xorHash: string | undefined };

const compareHex = (left: string, right: string): number => {
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
};

/** Negative: `left` comes first. Zero: the same entry, in two files. */
export const compareEntries = (left: EntryPlace, right: EntryPlace): number => {
  if (left.seqnumId === right.seqnumId && left.seqnum !== right.seqnum) {
    return left.seqnum - right.seqnum;
  }
  if (left.bootId === right.bootId && left.monotonicUs !== right.monotonicUs) {
    return left.monotonicUs - right.monotonicUs;
  }
  if (left.realtimeUs !== right.realtimeUs) return left.realtimeUs - right.realtimeUs;
  return compareHex(left.xorHash ?? '', right.xorHash ?? '');
};

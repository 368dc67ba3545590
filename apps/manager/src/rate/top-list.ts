/**
 * When the list of the busiest processes was made. An agent makes a new one each ten seconds at most,
 * and sends it in whole samples only: it may be older than the sample that it is in.
 */
import type { Sample } from '@innkeeper/protocol';
import type { Timed } from './timed.ts';

/** Of a sample and when it came. */
interface Counted {
  readonly value: Pick<Sample, 'taken_at'> & {
    readonly processes: Pick<Sample['processes'], 'top' | 'scanned_at'>;
  };
  readonly receivedAt: Timed<Sample>['receivedAt'];
}

export interface TopList {
  readonly top: Sample['processes']['top'];
  /** By the guest's clock. */
  readonly scannedAt: number | null;
  /** By the manager's clock; null without a list. */
  readonly at: number | null;
}

/** Both are by the guest's clock, which may have been set in between. */
const MAX_AGE_MS = 60_000;

/** A list that is the same object is the same list, whatever the numbers beside it say. */
export const topListOf = (before: TopList | undefined, now: Counted): TopList => {
  const { top, scanned_at: scannedAt } = now.value.processes;
  if (before?.top === top) return before;
  if (top.length === 0) return { top, scannedAt, at: null };
  // A whole sample again, of a guest that has not counted since.
  if (before !== undefined && scannedAt !== null && scannedAt === before.scannedAt) {
    return { top, scannedAt, at: before.at ?? now.receivedAt };
  }
  const ageMs = scannedAt === null ? 0 : now.value.taken_at - scannedAt;
  return { top, scannedAt, at: now.receivedAt - Math.min(Math.max(0, ageMs), MAX_AGE_MS) };
};

/**
 * How much each VM may have kept, so that one that logs without end does not push out the lines of
 * all others: over the day an eighth of the room, in a burst a sixty-fourth. Its last words have a
 * quarter as much of their own: who has logged without end may be lost just for that.
 *
 * Where the newest partition, which cannot be dropped, takes half of the room by itself, the other
 * half is shared out evenly: each VM gets its part of it, and no more until there is room again.
 */
import type { Clock } from '../../clock.ts';
import type { KEPT_FOR } from './kept-row.ts';

export type Verdict = 'allowed' | 'rate' | 'room';

export interface Allowances {
  /** Counts as taken where it is allowed. */
  take(vmKey: number, bytes: number, keptFor: (typeof KEPT_FOR)[number]): Verdict;
  /** How much the newest partition takes, and how many VMs share what is left. */
  observe(newestBytes: number, vms: number): void;
  forget(vmKey: number): void;
}

const DAY_MS = 24 * 3_600_000;
const DAYS_SHARE = 8;
const BURST_SHARE = 64;
const TIGHT_SHARE = 2;
const PARTS = { level: 1, last_words: 1 / 4 } as const;

interface Bucket {
  bytes: number;
  filledMs: number;
}

export const makeAllowances = (
  roomBytes: number,
  clock: Pick<Clock, 'monotonicMs'>,
): Allowances => {
  const burst = roomBytes / BURST_SHARE;
  const perMs = roomBytes / DAYS_SHARE / DAY_MS;
  const buckets = { level: new Map<number, Bucket>(), last_words: new Map<number, Bucket>() };
  /** While room is short: what each VM may still take of it; undefined while it is not. */
  let shares: Map<number, number> | undefined;
  let share = 0;

  const bucketOf = (vmKey: number, keptFor: keyof typeof buckets, nowMs: number): Bucket => {
    const known = buckets[keptFor].get(vmKey);
    const part = PARTS[keptFor];
    if (known === undefined) {
      const bucket = { bytes: burst * part, filledMs: nowMs };
      buckets[keptFor].set(vmKey, bucket);
      return bucket;
    }
    const more = (nowMs - known.filledMs) * perMs * part;
    known.bytes = Math.min(burst * part, known.bytes + more);
    known.filledMs = nowMs;
    return known;
  };

  return {
    take: (vmKey, bytes, keptFor) => {
      const bucket = bucketOf(vmKey, keptFor, clock.monotonicMs());
      if (bucket.bytes < bytes) return 'rate';
      if (shares !== undefined) {
        const left = shares.get(vmKey) ?? share;
        if (left < bytes) return 'room';
        shares.set(vmKey, left - bytes);
      }
      bucket.bytes -= bytes;
      return 'allowed';
    },
    observe: (newestBytes, vms) => {
      if (newestBytes < roomBytes / TIGHT_SHARE) shares = undefined;
      else if (shares === undefined) {
        shares = new Map();
        share = roomBytes / TIGHT_SHARE / Math.max(1, vms);
      }
    },
    forget: (vmKey) => {
      buckets.level.delete(vmKey);
      buckets.last_words.delete(vmKey);
      shares?.delete(vmKey);
    },
  };
};

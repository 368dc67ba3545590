/**
 * The busiest processes of VMs that wait to be written: of each VM once a minute. When it is full,
 * the oldest list makes room and is counted.
 */
import type { Reading } from '@innkeeper/protocol';
import { encodeTop } from './process-row.ts';

export interface ProcessSnapshotRow {
  readonly vmKey: number;
  readonly at: number;
  /** As column `top` has it. */
  readonly top: string;
}

export interface ProcessBuffer {
  /** Of a reading that is no repetition of the one before. */
  note(vmKey: number, reading: Reading): void;
  /** The oldest ones. They are gone from here; `putBack` returns what was not written. */
  take(max: number): readonly ProcessSnapshotRow[];
  putBack(rows: readonly ProcessSnapshotRow[]): void;
  forget(vmKey: number): void;
  readonly size: number;
  readonly dropped: number;
}

const EVERY_MS = 60_000;
/** An agent counts its processes at most so rarely: what came sooner may be the same list. */
const RESCAN_MS = 10_000;
/** Spreads the VMs over the minute: a prime near the golden section of it. */
const PHASE_MS = 37_087;

/** In which of its minutes a moment lies: each VM has its own beginning of them. */
const minuteOf = (vmKey: number, at: number): number =>
  Math.floor((at + ((vmKey * PHASE_MS) % EVERY_MS)) / EVERY_MS);

/** `capacity`: characters, which is what the lists are of in memory. */
export const makeProcessBuffer = (capacity: number): ProcessBuffer => {
  /** When the last list of each VM came. */
  const lastMoments = new Map<number, number>();
  let rows: ProcessSnapshotRow[] = [];
  let characters = 0;
  let dropped = 0;

  const trim = (): void => {
    let excess = 0;
    while (characters > capacity && excess < rows.length) {
      characters -= rows[excess]?.top.length ?? 0;
      excess += 1;
    }
    if (excess === 0) return;
    rows = rows.slice(excess);
    dropped += excess;
  };

  return {
    note: (vmKey, { origin, top, taken_at: at }) => {
      if (origin !== 'guest' || top === null || top.length === 0) return;
      const last = lastMoments.get(vmKey);
      if (last !== undefined) {
        if (minuteOf(vmKey, at) === minuteOf(vmKey, last)) return;
        if (Math.abs(at - last) < RESCAN_MS) return;
      }
      lastMoments.set(vmKey, at);
      const text = encodeTop(top);
      rows.push({ vmKey, at, top: text });
      characters += text.length;
      trim();
    },
    take: (max) => {
      const taken = rows.splice(0, max);
      for (const { top } of taken) characters -= top.length;
      return taken;
    },
    putBack: (unwritten) => {
      rows = [...unwritten, ...rows];
      for (const { top } of unwritten) characters += top.length;
      trim();
    },
    forget: (vmKey) => {
      lastMoments.delete(vmKey);
    },
    get size() {
      return rows.length;
    },
    get dropped() {
      return dropped;
    },
  };
};

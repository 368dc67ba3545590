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
  /** Each list once, however many readings it is in; and none that knows no CPU yet. */
  note(vmKey: number, reading: Reading): void;
  /** The oldest ones. They are gone from here; `putBack` returns what was not written. */
  take(max: number): readonly ProcessSnapshotRow[];
  putBack(rows: readonly ProcessSnapshotRow[]): void;
  forget(vmKey: number): void;
  readonly size: number;
  readonly dropped: number;
}

const EVERY_MS = 60_000;
/** A list is asked for once a minute, and may be so old then. */
const SLACK_MS = 10_000;
const APART_MS = EVERY_MS - SLACK_MS;
/** Spreads the VMs over the time: a prime near the golden section of it. */
const PHASE_MS = 30_911;

/** The first list of an agent: its CPU figures begin with the second, and so does an order by them. */
const hasCpu = (top: NonNullable<Reading['top']>): boolean =>
  top.length === 0 || top.some((process) => process.cpu_usage_percent !== null);

/** `capacity`: characters, which is what the lists are of in memory. */
export const makeProcessBuffer = (capacity: number): ProcessBuffer => {
  /** Of each VM, from which moment on a list is the next one. */
  const nextMoments = new Map<number, number>();
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
    note: (vmKey, { origin, top, top_at: at }) => {
      if (origin !== 'guest' || top === null || at === null || !hasCpu(top)) return;
      const next = nextMoments.get(vmKey);
      // Further ahead than any is: the clock has been set back.
      if (next !== undefined && at < next && next - at <= EVERY_MS) return;
      const apart = next === undefined ? 1 + ((vmKey * PHASE_MS) % APART_MS) : APART_MS;
      nextMoments.set(vmKey, at + apart);
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
      nextMoments.delete(vmKey);
    },
    get size() {
      return rows.length;
    },
    get dropped() {
      return dropped;
    },
  };
};

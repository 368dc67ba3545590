/**
 * The last that is known of each VM, and which of it table `vm_latest` does not have yet. Holds one
 * entry for each VM, until `forget`.
 */
import type { Origin, Reading, VmState } from '@innkeeper/protocol';

export interface LatestRow {
  readonly vmKey: number;
  /** Of the values. */
  readonly takenAt: number;
  readonly agentSeenAt: number | undefined;
  readonly bootId: string | undefined;
  readonly state: VmState;
  readonly origin: Origin;
}

export interface LatestBuffer {
  note(vmKey: number, reading: Reading): void;
  /** What is to be written, sorted by key; `putBack` returns what was not. */
  take(): readonly LatestRow[];
  putBack(rows: readonly LatestRow[]): void;
  forget(vmKey: number): void;
}

/** Of the last reading, as it came: to be cleaned when it is taken, not each second. */
interface Entry {
  takenAt: number;
  agentSeenAt: number | null;
  bootId: string | null;
  state: VmState;
  origin: Origin;
  isChanged: boolean;
}

const MAX_BOOT_ID = 64;
/** A VM that is off repeats itself, and its moment may be off by the rounding of two clocks. */
const SAME_MOMENT_MS = 100;

/** Postgres takes no NUL in text. */
const cleanText = (text: string): string => text.replaceAll('\0', '').slice(0, MAX_BOOT_ID);

const rowOf = (vmKey: number, entry: Entry): LatestRow => ({
  vmKey,
  takenAt: entry.takenAt,
  agentSeenAt: entry.agentSeenAt ?? undefined,
  bootId: entry.bootId === null ? undefined : cleanText(entry.bootId),
  state: entry.state,
  origin: entry.origin,
});

export const makeLatestBuffer = (): LatestBuffer => {
  const entries = new Map<number, Entry>();

  return {
    note: (vmKey, reading) => {
      const { state, origin, agent_seen_at: agentSeenAt, boot_id: bootId } = reading;
      if (state === 'unknown') return;
      const takenAt = reading.taken_at;
      const entry = entries.get(vmKey);
      if (entry === undefined) {
        entries.set(vmKey, { takenAt, agentSeenAt, bootId, state, origin, isChanged: true });
        return;
      }
      const isSame =
        entry.state === state &&
        entry.origin === origin &&
        entry.bootId === bootId &&
        entry.agentSeenAt === agentSeenAt &&
        Math.abs(entry.takenAt - takenAt) < SAME_MOMENT_MS;
      if (isSame) return;
      entry.takenAt = takenAt;
      entry.agentSeenAt = agentSeenAt;
      entry.bootId = bootId;
      entry.state = state;
      entry.origin = origin;
      entry.isChanged = true;
    },
    take: () => {
      const rows: LatestRow[] = [];
      for (const [vmKey, entry] of entries) {
        if (!entry.isChanged) continue;
        entry.isChanged = false;
        rows.push(rowOf(vmKey, entry));
      }
      return rows.sort((one, other) => one.vmKey - other.vmKey);
    },
    putBack: (rows) => {
      for (const { vmKey } of rows) {
        const entry = entries.get(vmKey);
        if (entry !== undefined) entry.isChanged = true;
      }
    },
    forget: (vmKey) => {
      entries.delete(vmKey);
    },
  };
};

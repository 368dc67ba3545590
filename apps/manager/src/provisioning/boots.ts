/** Which boot of which VM was seen, and which was seen to. */
import type { Reading } from '@innkeeper/protocol';
import type { Database } from '../database/database.ts';
import { getBoots } from './sql/get-boots.ts';

export interface Boots {
  load(): Promise<void>;
  /** True: this boot is new, and has to be seen to. */
  saw(vmId: string, reading: Pick<Reading, 'boot_id' | 'identity' | 'reason'>): boolean;
  /** The last one that was seen; undefined: none since the manager started. */
  seen(vmId: string): string | undefined;
  isSeenTo(vmId: string, bootId: string): boolean;
  seenTo(vmId: string, bootId: string): void;
  forget(vmId: string): void;
}

/** As many boots of a VM are seen to at once; then one in so long. A guest may tell any id, always. */
const BURST = 5;
const REFILL_MS = 5 * 60_000;

/** A boot that has to wait is seen to later, if it is still the last one then. */
const makeAllowance = (monotonicMs: () => number) => {
  /** When the next boot of a VM would be due, were they at even times. */
  const due = new Map<string, number>();
  return {
    take: (vmId: string): boolean => {
      const now = monotonicMs();
      const next = Math.max(due.get(vmId) ?? now, now) + REFILL_MS;
      if (next - now > BURST * REFILL_MS) return false;
      due.set(vmId, next);
      return true;
    },
    forget: (vmId: string) => due.delete(vmId),
  };
};

export const makeBoots = ({
  database,
  monotonicMs,
}: {
  readonly database: Database;
  readonly monotonicMs: () => number;
}): Boots => {
  const allowance = makeAllowance(monotonicMs);
  let done = new Map<string, string>();
  const seen = new Map<string, string>();
  let isLoaded = false;
  return {
    load: async () => {
      done = await getBoots(database);
      isLoaded = true;
    },
    saw: (vmId, { boot_id: bootId, identity, reason }) => {
      // Only who has proved to be this VM's agent: it is about to be told to run something.
      if (!isLoaded || reason !== null || identity !== 'verified' || bootId === null) return false;
      if (seen.get(vmId) === bootId) return false;
      const isNew = done.get(vmId) !== bootId;
      if (isNew && !allowance.take(vmId)) return false;
      seen.set(vmId, bootId);
      return isNew;
    },
    seen: (vmId) => seen.get(vmId),
    isSeenTo: (vmId, bootId) => done.get(vmId) === bootId,
    seenTo: (vmId, bootId) => void done.set(vmId, bootId),
    forget: (vmId) => {
      done.delete(vmId);
      seen.delete(vmId);
      allowance.forget(vmId);
    },
  };
};

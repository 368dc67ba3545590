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

export const makeBoots = (database: Database): Boots => {
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
      seen.set(vmId, bootId);
      return done.get(vmId) !== bootId;
    },
    seen: (vmId) => seen.get(vmId),
    isSeenTo: (vmId, bootId) => done.get(vmId) === bootId,
    seenTo: (vmId, bootId) => void done.set(vmId, bootId),
    forget: (vmId) => {
      done.delete(vmId);
      seen.delete(vmId);
    },
  };
};

/**
 * journald moves what it has in memory to the disk once there is one (`journalctl --flush`): every
 * entry comes again, in another folder, with another number and id.
 */
import type { JournalEntry } from '@innkeeper/journal';
import type { Lane } from './lane.ts';

/** Entries of one microsecond are told apart by their contents. */
const MAX_OF_A_MICROSECOND = 1_000;

const hasPassed = (lane: Lane, entry: JournalEntry): boolean => {
  const { tailBootId, tailMonotonicUs, headRealtimeUs } = lane.header();
  // What is new is later than all that others have, which spares it the search.
  if (tailBootId !== entry.bootId || entry.monotonicUs > tailMonotonicUs) return false;
  const file = lane.held()?.file;
  const last = file?.entry(lane.index() - 1);
  if (file === undefined || last?.bootId !== entry.bootId) return false;
  if (entry.monotonicUs > last.monotonicUs) return false;
  // Of a file before this one.
  if (entry.realtimeUs < headRealtimeUs) return true;
  const start = file.seekRealtime(entry.realtimeUs);
  const end = Math.min(lane.index(), start + MAX_OF_A_MICROSECOND);
  for (let at = start; at < end; at += 1) {
    const other = file.entry(at);
    if (other?.realtimeUs !== entry.realtimeUs) return false;
    if (other.xorHash === entry.xorHash && other.monotonicUs === entry.monotonicUs) return true;
  }
  return false;
};

/** Whether the entry has been read before, from another folder. */
export const isCopied = (entry: JournalEntry, of: Lane, lanes: readonly Lane[]): boolean =>
  lanes.some((lane) => lane.folder !== of.folder && hasPassed(lane, entry));

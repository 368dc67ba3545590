/**
 * What nobody could read because journald had deleted the file before anybody looked. One journald
 * counts through all of its files, so a hole in its numbers tells.
 */
import type { JournalHeader } from '@innkeeper/journal';
import type { JournalMember, JournalScan } from './journal-folders.ts';
import type { Lane } from './lane.ts';

/** How many entries of a file were written between two times. */
const countBetween = (lane: Lane, fromUs: number, toUs: number): number => {
  const header = lane.header();
  if (header.tailRealtimeUs < fromUs || header.headRealtimeUs > toUs) return 0;
  const file = lane.held()?.file;
  return file === undefined ? 0 : file.seekRealtime(toUs) - file.seekRealtime(fromUs);
};

const vanishedBefore = (
  header: JournalHeader,
  lanes: readonly Lane[],
  past: readonly JournalHeader[],
): number => {
  if (header.entries === 0) return 0;
  let before: JournalHeader | undefined;
  for (const other of [...lanes.map((lane) => lane.header()), ...past]) {
    if (other.seqnumId !== header.seqnumId || other.entries === 0) continue;
    if (other.tailSeqnum >= header.headSeqnum) continue;
    if (before === undefined || other.tailSeqnum > before.tailSeqnum) before = other;
  }
  if (before === undefined) return 0;
  let gap = header.headSeqnum - before.tailSeqnum - 1;
  if (gap === 0) return 0;
  // Users' files take numbers as well, under an id of their own before systemd 254.
  for (const lane of lanes) {
    if (lane.fileId === before.fileId) continue;
    gap -= countBetween(lane, before.tailRealtimeUs, header.headRealtimeUs);
  }
  return Math.max(0, gap);
};

/** Between what is read and files that are new. `past` are the headers of those read to their end. */
export const countVanished = (
  { problems, forbidden }: JournalScan,
  fresh: readonly JournalMember[],
  lanes: readonly Lane[],
  past: readonly JournalHeader[],
): number => {
  if (fresh.length === 0 || lanes.length + past.length === 0) return 0;
  // A file that cannot be read may have what is missing.
  if (problems.length > 0 || forbidden !== undefined) return 0;
  // What was written before a new file was made stands in the others by now.
  for (const lane of lanes) lane.refresh();
  const seen = [...past];
  let count = 0;
  const inOrder = [...fresh].sort(
    (left, right) => left.header.headSeqnum - right.header.headSeqnum,
  );
  for (const { header } of inOrder) {
    count += vanishedBefore(header, lanes, seen);
    seen.push(header);
  }
  return count;
};

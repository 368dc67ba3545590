/**
 * One file's part of a reading: where it stands, and what it would give next. The file is opened when
 * its turn comes: until then its header says enough to know that it has not come yet.
 */
import type { EntryPlace, JournalEntry, JournalHeader } from '@innkeeper/journal';
import type { JournalMember, JournalScan } from './journal-folders.ts';
import type { HeldJournal, OpenJournal } from './open-journal.ts';

export type Direction = 'forwards' | 'backwards';

export interface Lane {
  readonly fileId: string;
  /** The file's folder: where it lies tells which journald's stage it is of. */
  readonly folder: string;
  /** As it was seen last. */
  header(): JournalHeader;
  /** The number of the next entry forwards; backwards, of the one given last. */
  index(): number;
  seek(index: number): void;
  /** Where its next entry stands among others; undefined where it has none, for now. */
  place(): EntryPlace | undefined;
  /** The next entry itself; undefined where it turns out to have none. */
  entry(): JournalEntry | undefined;
  /** Steps over the entry that was given. */
  step(): void;
  /** The file, once an entry was asked for. */
  held(): HeldJournal | undefined;
  /** Looks again for what was added. False: the file is not what it was any more. */
  refresh(): boolean;
  close(): void;
}

export interface LaneDependencies {
  readonly member: JournalMember;
  readonly openJournal: OpenJournal;
  readonly direction: Direction;
  /** Where files are now: journald renames the one that it has filled. */
  readonly scan: () => JournalScan;
  readonly onMissed: (count: number | undefined, reason: 'vacuumed' | 'damaged') => void;
}

const headPlace = (header: JournalHeader): EntryPlace => ({
  seqnumId: header.seqnumId,
  seqnum: header.headSeqnum,
  // Of the first entry the header tells neither; no boot is the same as none.
  bootId: '',
  monotonicUs: 0,
  realtimeUs: header.headRealtimeUs,
  xorHash: undefined,
});

const tailPlace = (header: JournalHeader): EntryPlace => ({
  seqnumId: header.seqnumId,
  seqnum: header.tailSeqnum,
  bootId: header.tailBootId,
  monotonicUs: header.tailMonotonicUs,
  realtimeUs: header.tailRealtimeUs,
  xorHash: undefined,
});

export const makeLane = (dependencies: LaneDependencies): Lane => {
  const { member, openJournal, scan, direction, onMissed } = dependencies;
  const { header } = member;
  const isForwards = direction === 'forwards';
  let index = isForwards ? 0 : header.entries;
  let held: HeldJournal | undefined;
  let entry: JournalEntry | undefined;
  let isLost = false;
  let seen = header;
  /** Of the entry that was given last. */
  let lastSeqnum = 0;

  const letGo = (): void => {
    if (held !== undefined) seen = held.file.header();
    held?.close();
    held = undefined;
  };

  const lose = (reason: 'vacuumed' | 'damaged'): void => {
    isLost = true;
    entry = undefined;
    letGo();
    const left = seen.entries - index;
    // journald numbers an entry first and counts it then: the header may have been read in between.
    if (seen.tailSeqnum === lastSeqnum + left + 1) {
      seen = { ...seen, tailSeqnum: lastSeqnum + left };
    }
    if (!isForwards || (reason === 'vacuumed' && left <= 0)) return;
    onMissed(reason === 'vacuumed' ? left : undefined, reason);
  };

  const findAgain = (): string | undefined =>
    scan().members.find((other) => other.header.fileId === header.fileId)?.path;

  /** What journald deletes it empties first, so that an open file does not keep what it had. */
  const whyLost = (): 'vacuumed' | 'damaged' =>
    held?.place() !== 'same' && findAgain() === undefined ? 'vacuumed' : 'damaged';

  /** Undefined where it was deleted, or renamed and perhaps another one is there now. */
  const openItself = (path: string | undefined): HeldJournal | undefined => {
    const opened = path === undefined ? undefined : openJournal(path);
    if (opened?.ok !== true) return undefined;
    if (opened.held.file.header().fileId === header.fileId) return opened.held;
    opened.held.close();
    return undefined;
  };

  const open = (): HeldJournal | undefined => {
    if (held !== undefined || isLost) return held;
    const opened = openItself(member.path) ?? openItself(findAgain());
    if (opened === undefined) {
      lose('vacuumed');
      return undefined;
    }
    held = opened;
    const { entries } = held.file.header();
    index = Math.min(index, isForwards ? entries : held.file.entries());
    return held;
  };

  const load = (): JournalEntry | undefined => {
    const journal = open()?.file;
    if (journal === undefined) return undefined;
    let damagedCount = 0;
    for (;;) {
      const at = isForwards ? index : index - 1;
      if (at < 0) break;
      if (at >= journal.entries()) {
        // Nothing leads to those that the header counts besides.
        const { entries } = journal.header();
        damagedCount += Math.max(0, entries - at);
        index = Math.max(index, entries);
        break;
      }
      entry = journal.entry(at);
      if (entry !== undefined) break;
      damagedCount += 1;
      index += isForwards ? 1 : -1;
    }
    if (damagedCount > 0 && isForwards) onMissed(damagedCount, whyLost());
    return entry;
  };

  const hasMore = (): boolean => {
    if (isLost) return false;
    if (!isForwards) return index > 0;
    return index < (held === undefined ? header.entries : held.file.header().entries);
  };

  /** What was read to its end and does not grow costs a descriptor and a megabyte for nothing. */
  const letGoOfRead = (): undefined => {
    if (!isForwards || held?.file.header().archived === true) letGo();
    return undefined;
  };

  return {
    fileId: header.fileId,
    folder: member.path.slice(0, member.path.lastIndexOf('/')),
    header: () => held?.file.header() ?? seen,
    index: () => index,
    seek: (to) => {
      index = to;
      entry = undefined;
    },
    place: () => {
      if (entry !== undefined) return entry;
      if (!hasMore()) return letGoOfRead();
      if (held === undefined && index === (isForwards ? 0 : header.entries)) {
        return isForwards ? headPlace(header) : tailPlace(header);
      }
      return load();
    },
    entry: () => entry ?? (hasMore() ? load() : undefined),
    step: () => {
      lastSeqnum = entry?.seqnum ?? lastSeqnum;
      entry = undefined;
      index += isForwards ? 1 : -1;
    },
    held: open,
    refresh: () => {
      if (isLost) return false;
      if (held === undefined) return true;
      const problem = held.file.refresh();
      if (problem === undefined && held.file.header().entries >= index) return true;
      lose(whyLost());
      return false;
    },
    close: () => {
      letGo();
      isLost = true;
    },
  };
};

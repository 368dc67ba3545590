/**
 * The one reader of all who follow the journal. It looks at the headers of the files in use, 50 times
 * a second while anybody follows and never while nobody does: journald's own notification comes
 * 250 ms and more after an entry, and the header at once.
 */
import type { Cancel, Clock } from '../platform/platform.ts';
import type { LogRecord } from '../logs/log-record.ts';
import type { JournalMember, JournalScan } from './journal-folders.ts';
import { makeJournalRecord } from './journal-record.ts';
import { makeLane, type Lane } from './lane.ts';
import { makeMergedLanes } from './merged-lanes.ts';
import type { OpenJournal } from './open-journal.ts';

export interface JournalListener {
  record(record: LogRecord, fileId: string, index: number): void;
  missed(count: number | undefined, reason: 'vacuumed' | 'damaged'): void;
}

export interface JournalFollower {
  /** Brings itself up to date; what has come goes to those who listen. Starts where nobody does. */
  join(listener: JournalListener): Cancel;
  /** Everything written up to now has been given to those who listen. */
  poll(): void;
}

interface Dependencies {
  readonly clock: Pick<Clock, 'after' | 'monotonicMs'>;
  readonly scan: () => JournalScan;
  readonly openJournal: OpenJournal;
}

const POLL_MS = 20;
const RESCAN_MS = 1_000;
const RESCAN_AFTER_ROTATION_MS = 100;
/** Of one look; the rest waits for the next, that all else may have its turn. */
const MAX_OF_A_POLL = 5_000;
const CATCH_UP_MS = 1;

export const makeJournalFollower = (dependencies: Dependencies): JournalFollower => {
  const { clock, scan, openJournal } = dependencies;
  const listeners = new Set<JournalListener>();
  let known = new Set<string>();
  let lanes: Lane[] = [];
  let scannedAt = 0;
  let cancel: Cancel = () => undefined;

  const onMissed: JournalListener['missed'] = (count, reason) => {
    for (const listener of listeners) listener.missed(count, reason);
  };

  const openLane = (member: JournalMember, atEnd: boolean): void => {
    const lane = makeLane({ member, openJournal, scan, direction: 'forwards', onMissed });
    const held = lane.held();
    if (held === undefined) return;
    lane.seek(atEnd ? held.file.entries() : 0);
    lanes.push(lane);
  };

  /** Files that have come since are new entries from their start; what was there is the past. */
  const look = (isStart: boolean): void => {
    scannedAt = clock.monotonicMs();
    const { members } = scan();
    for (const member of members) {
      if (known.has(member.header.fileId)) continue;
      if (!isStart || !member.header.archived) openLane(member, isStart);
    }
    const open = lanes.map(({ fileId }) => fileId);
    known = new Set([...members.map(({ header }) => header.fileId), ...open]);
  };

  /** Drops what will never grow again. True: a successor may be there. */
  const prune = (isLookDue: boolean): boolean => {
    const before = lanes.length;
    lanes = lanes.filter((lane) => {
      const held = lane.refresh() ? lane.held() : undefined;
      if (held === undefined) return false;
      const isRead = lane.index() >= held.file.entries();
      if (!isRead) return true;
      const isGone = held.file.header().archived || (isLookDue && held.place() === 'nowhere');
      if (!isGone) return true;
      lane.close();
      return false;
    });
    return lanes.length < before;
  };

  const give = (): boolean => {
    const merged = makeMergedLanes('forwards');
    for (const lane of lanes) merged.add(lane);
    for (let count = 0; count < MAX_OF_A_POLL; count += 1) {
      const next = merged.next();
      if (next === undefined) return false;
      const file = next.lane.held()?.file;
      if (file === undefined) continue;
      const record = makeJournalRecord(next.entry, file);
      const index = next.lane.index() - 1;
      for (const listener of listeners) listener.record(record, next.lane.fileId, index);
    }
    return true;
  };

  const poll = (): boolean => {
    const isLookDue = clock.monotonicMs() - scannedAt >= RESCAN_MS;
    const isRotated = prune(isLookDue);
    if (isRotated || isLookDue) look(false);
    // The successor may not be there yet, or not be complete.
    if (isRotated) scannedAt -= RESCAN_MS - RESCAN_AFTER_ROTATION_MS;
    const hasNew = lanes.some((lane) => lane.index() < (lane.held()?.file.entries() ?? 0));
    return hasNew && give();
  };

  const tick = (): void => {
    const hasMore = poll();
    if (listeners.size > 0) cancel = clock.after(hasMore ? CATCH_UP_MS : POLL_MS, tick);
  };

  const stop = (): void => {
    cancel();
    for (const lane of lanes) lane.close();
    lanes = [];
    known = new Set();
  };

  return {
    join: (listener) => {
      if (listeners.size === 0) {
        look(true);
        cancel = clock.after(POLL_MS, tick);
      }
      listeners.add(listener);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stop();
      };
    },
    poll: () => {
      while (poll());
    },
  };
};

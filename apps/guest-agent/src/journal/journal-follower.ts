/**
 * The one reader of all who follow the journal. It looks at the headers of the files that were written
 * last 50 times a second, or as rarely as all who follow allow, and never while nobody does:
 * journald's own notification comes 250 ms and more after an entry, and the header at once. The others,
 * such as those of hundreds of users, it looks at once a second.
 */
import type { JournalHeader } from '@innkeeper/journal';
import type { LogRecord } from '../logs/log-record.ts';
import { isSliceOver } from '../logs/log-source.ts';
import type { Cancel, Clock } from '../platform/platform.ts';
import { isCopied } from './copied-entry.ts';
import type { JournalMember, JournalScan } from './journal-folders.ts';
import { makeJournalRecord } from './journal-record.ts';
import { makeLane, type Lane } from './lane.ts';
import { makeMergedLanes } from './merged-lanes.ts';
import type { OpenJournal } from './open-journal.ts';
import { countVanished } from './vanished.ts';

export interface JournalListener {
  /** How late it may be told of an entry; undefined: as soon as the journal is looked at. */
  readonly paceMs: number | undefined;
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
/** Looked at each time. */
const MAX_BUSY = 4;
const QUIET_MS = 1_000;
/** Each file costs a look at its header then. */
const RESCAN_MS = 1_000;
const RESCAN_MS_OF_A_FILE = 30;
const MAX_RESCAN_MS = 5_000;
const RESCAN_AFTER_ROTATION_MS = 100;
/** Of one look; the rest waits for the next, that all else may have its turn. */
const MAX_OF_A_POLL = 5_000;
const CATCH_UP_MS = 1;
/** Files that were seen; more come only where journald makes some each second for hours. */
const MAX_KNOWN = 10_000;
/** Headers of files that were read, for what comes after them. */
const MAX_PAST = 16;

/** Those that were written last come first. */
const sortByTail = (lanes: Lane[]): void => {
  const tailUs = new Map(lanes.map((lane) => [lane, lane.header().tailRealtimeUs]));
  lanes.sort((left, right) => (tailUs.get(right) ?? 0) - (tailUs.get(left) ?? 0));
};

const rescanMsOf = (files: number): number =>
  Math.min(MAX_RESCAN_MS, Math.max(RESCAN_MS, files * RESCAN_MS_OF_A_FILE));

/** Whether nothing will be added any more: archived, or without its name since the last look. */
const makeOverCheck = (): ((lane: Lane, isLookDue: boolean) => boolean) => {
  const nameless = new WeakSet<Lane>();
  return (lane, isLookDue) => {
    if (lane.header().archived) return true;
    if (!isLookDue) return false;
    if (lane.held()?.place() === 'same') nameless.delete(lane);
    else if (nameless.has(lane)) return true;
    else nameless.add(lane);
    return false;
  };
};

/** That of the most impatient. */
const paceOf = (listeners: Iterable<JournalListener>): number => {
  let most = Number.POSITIVE_INFINITY;
  for (const { paceMs = POLL_MS } of listeners) most = Math.min(most, paceMs);
  return most;
};

export const makeJournalFollower = (dependencies: Dependencies): JournalFollower => {
  const { clock, scan, openJournal } = dependencies;
  const listeners = new Set<JournalListener>();
  let known = new Set<string>();
  let lanes: Lane[] = [];
  let past: readonly JournalHeader[] = [];
  const isOver = makeOverCheck();
  let scannedAt = 0;
  let rescanMs = RESCAN_MS;
  let lookedAt = 0;
  let cancel: Cancel = () => undefined;

  const onMissed: JournalListener['missed'] = (count, reason) => {
    for (const listener of listeners) listener.missed(count, reason);
  };

  /** False: not now. It is tried again; what is gone by then leaves a hole in the numbers. */
  const openLane = (member: JournalMember, atEnd: boolean): boolean => {
    let isOpen = false;
    const lane = makeLane({
      member,
      openJournal,
      scan,
      direction: 'forwards',
      onMissed: (count, reason) => {
        if (isOpen) onMissed(count, reason);
      },
    });
    const held = lane.held();
    if (held === undefined) return false;
    isOpen = true;
    lane.seek(atEnd ? held.file.header().entries : 0);
    // A new one is written now.
    lanes.unshift(lane);
    return true;
  };

  /** Files that have come since are new entries from their start; what was there is the past. */
  const look = (isStart: boolean): void => {
    scannedAt = clock.monotonicMs();
    const found = scan();
    rescanMs = rescanMsOf(found.members.length);
    const fresh = found.members.filter(({ header }) => !known.has(header.fileId));
    const vanished = isStart ? 0 : countVanished(found, fresh, lanes, past);
    if (vanished > 0) onMissed(vanished, 'vacuumed');
    for (const member of fresh) {
      const isPast = isStart && member.header.archived;
      if (!isPast && !openLane(member, isStart)) continue;
      if (known.size >= MAX_KNOWN) known = new Set(lanes.map((lane) => lane.fileId));
      known.add(member.header.fileId);
    }
  };

  /** Drops what will never grow again. True: a successor may be there. */
  const prune = (isLookDue: boolean, isWhole: boolean): boolean => {
    const before = lanes.length;
    lanes = lanes.filter((lane, at) => {
      if (!isWhole && at >= MAX_BUSY) return true;
      if (lane.refresh()) {
        if (lane.index() < lane.header().entries || !isOver(lane, isLookDue)) return true;
      }
      past = [...past, lane.header()].slice(-MAX_PAST);
      lane.close();
      return false;
    });
    return lanes.length < before;
  };

  /** True: there is more. */
  const give = (): boolean => {
    const startedAt = clock.monotonicMs();
    const merged = makeMergedLanes('forwards');
    for (const lane of lanes) merged.add(lane);
    for (let count = 1; count <= MAX_OF_A_POLL; count += 1) {
      const next = merged.next();
      if (next === undefined) return false;
      const file = next.lane.held()?.file;
      if (file === undefined || isCopied(next.entry, next.lane, lanes)) continue;
      const record = makeJournalRecord(next.entry, file);
      const index = next.lane.index() - 1;
      for (const listener of listeners) listener.record(record, next.lane.fileId, index);
      if (isSliceOver(clock, startedAt, count)) return true;
    }
    return true;
  };

  const poll = (isAll: boolean): boolean => {
    const nowMs = clock.monotonicMs();
    const isLookDue = nowMs - scannedAt >= rescanMs;
    const isWhole = isAll || isLookDue || nowMs - lookedAt >= QUIET_MS;
    const isRotated = prune(isLookDue, isWhole);
    if (isRotated || isLookDue) look(false);
    // The successor may not be there yet, or not be complete.
    if (isRotated) scannedAt -= rescanMs - RESCAN_AFTER_ROTATION_MS;
    if (isWhole) {
      lookedAt = nowMs;
      if (lanes.length > MAX_BUSY) sortByTail(lanes);
    }
    const hasNew = lanes.some((lane) => lane.index() < lane.header().entries);
    return hasNew && give();
  };

  const tick = (): void => {
    const hasMore = poll(false);
    if (listeners.size > 0) cancel = clock.after(hasMore ? CATCH_UP_MS : paceOf(listeners), tick);
  };

  const stop = (): void => {
    cancel();
    for (const lane of lanes) lane.close();
    lanes = [];
    past = [];
    known = new Set();
  };

  return {
    join: (listener) => {
      if (listeners.size === 0) look(true);
      const before = paceOf(listeners);
      listeners.add(listener);
      const paceMs = paceOf(listeners);
      if (paceMs < before) {
        cancel();
        cancel = clock.after(paceMs, tick);
      }
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stop();
      };
    },
    poll: () => {
      while (poll(true));
    },
  };
};

/**
 * One client's reading of the journal: back to where it starts, then forwards to the end, then over
 * to the follower that all share. Each file counts its entries, so that nothing is lost or doubled
 * at the seam.
 */
import { parseCursor, type JournalCursor } from '@innkeeper/journal';
import type { Cancel, Clock } from '../platform/platform.ts';
import type { LogQuery, LogReader, LogSink } from '../logs/log-source.ts';
import { isSliceOver } from '../logs/log-source.ts';
import type { JournalFollower, JournalListener } from './journal-follower.ts';
import type { JournalMember, JournalScan } from './journal-folders.ts';
import { makeJournalRecord } from './journal-record.ts';
import { makeLane, type Direction, type Lane } from './lane.ts';
import { makeMergedLanes, type MergedLanes } from './merged-lanes.ts';
import type { OpenJournal } from './open-journal.ts';
import { makeTailSearch, type TailSearch } from './tail-search.ts';
import { countVanished } from './vanished.ts';

export interface JournalReaderDependencies {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly scan: () => JournalScan;
  readonly openJournal: OpenJournal;
  readonly follower: JournalFollower;
}

/** Keeps the follower up to date until somebody listens. */
const NOBODY: JournalListener = {
  paceMs: undefined,
  record: () => undefined,
  missed: () => undefined,
};

/** Where a file's reading starts, forwards. */
type Start = (lane: Lane, member: JournalMember) => void;

/** Only looks into a file where its header leaves a doubt. */
const startAtTime =
  (realtimeUs: number): Start =>
  (lane, { header }) => {
    if (header.headRealtimeUs >= realtimeUs) return;
    const isPast = header.archived && header.tailRealtimeUs < realtimeUs;
    lane.seek(isPast ? header.entries : (lane.held()?.file.seekRealtime(realtimeUs) ?? 0));
  };

/** Where a file's reading starts backwards: behind all that is not later. */
const endAtTime = (lane: Lane, { header }: JournalMember, realtimeUs: number): void => {
  if (header.headRealtimeUs > realtimeUs) lane.seek(0);
  else if (header.tailRealtimeUs > realtimeUs) {
    lane.seek(lane.held()?.file.seekRealtime(realtimeUs + 1) ?? 0);
  }
};

/** Entries of one microsecond are told apart by their contents. */
const MAX_OF_A_MICROSECOND = 1_000;

/** Steps over the cursor's own entry, where another journal has a copy of it. False: it has none. */
const passBy = (lane: Lane, { realtimeUs, xorHash }: JournalCursor): boolean => {
  const start = lane.index();
  for (let at = start; at < start + MAX_OF_A_MICROSECOND; at += 1) {
    const entry = lane.held()?.file.entry(at);
    if (entry?.realtimeUs !== realtimeUs) return false;
    if (entry.xorHash === xorHash) {
      lane.seek(at + 1);
      return true;
    }
  }
  return false;
};

const startAfter =
  (cursor: JournalCursor, onCopy: () => void): Start =>
  (lane, member) => {
    const { header } = member;
    if (header.seqnumId !== cursor.seqnumId) {
      startAtTime(cursor.realtimeUs)(lane, member);
      if (passBy(lane, cursor)) onCopy();
      return;
    }
    if (header.headSeqnum > cursor.seqnum) return;
    const isPast = header.archived && header.tailSeqnum <= cursor.seqnum;
    lane.seek(isPast ? header.entries : (lane.held()?.file.seekSeqnum(cursor.seqnum + 1) ?? 0));
  };

/** How many entries after the cursor are gone; undefined where none are, or nobody can tell. */
const vacuumedAfter = (cursor: JournalCursor, scan: JournalScan): number | undefined => {
  const heads = scan.members
    .filter(({ header }) => header.seqnumId === cursor.seqnumId && header.entries > 0)
    .map(({ header }) => header.headSeqnum);
  const gap = Math.min(...heads) - cursor.seqnum - 1;
  return Number.isFinite(gap) && gap > 0 ? gap : undefined;
};

/** Where the cursor's journal is gone, and no other one has its entry, nobody can tell how many. */
const tellVacuumed = (
  cursor: JournalCursor,
  scan: JournalScan,
  hasCopy: boolean,
  sink: LogSink,
): void => {
  const gap = vacuumedAfter(cursor, scan);
  const isOfNone = scan.members.every(({ header }) => header.seqnumId !== cursor.seqnumId);
  if (gap !== undefined || (isOfNone && !hasCopy)) sink.missed(gap, 'vacuumed');
};

export const makeJournalReader = (
  dependencies: JournalReaderDependencies,
  query: LogQuery,
  sink: LogSink,
): LogReader => {
  const { clock, scan, openJournal, follower } = dependencies;
  const cursor = query.after === undefined ? undefined : parseCursor(query.after);
  const sinceUs = (query.sinceMs ?? 0) * 1000;
  const untilUs = query.untilMs === undefined ? Infinity : query.untilMs * 1000 + 999;
  const known = new Set<string>();
  let leave: Cancel = () => undefined;
  let search: TailSearch | undefined;
  let forwards = makeMergedLanes('forwards');

  const laneOf = (member: JournalMember, direction: Direction): Lane => {
    const onMissed = (count: number | undefined, reason: 'vacuumed' | 'damaged'): void =>
      sink.missed(count, reason);
    return makeLane({ member, openJournal, scan, direction, onMissed });
  };

  let hasCopy = false;
  const onCopy = (): void => {
    hasCopy = true;
  };
  const start: Start = cursor === undefined ? startAtTime(sinceUs) : startAfter(cursor, onCopy);
  const addNewMembers = (found: JournalScan): void => {
    const fresh = found.members.filter(({ header }) => !known.has(header.fileId));
    const vanished = countVanished(found, fresh, forwards.lanes, []);
    if (vanished > 0) sink.missed(vanished, 'vacuumed');
    for (const member of fresh) {
      known.add(member.header.fileId);
      const lane = laneOf(member, 'forwards');
      start(lane, member);
      // One that may grow stays open: it is looked at again at the end.
      if (!member.header.archived) lane.held();
      forwards.add(lane);
    }
  };

  const closeLanes = (lanes: MergedLanes | undefined): void =>
    lanes?.lanes.forEach((lane) => lane.close());

  /** Goes forwards from where the search backwards has come to. */
  const turnAround = (first: JournalScan, from: MergedLanes): void => {
    const indexes = new Map(from.lanes.map((lane) => [lane.fileId, lane.index()]));
    closeLanes(from);
    search = undefined;
    for (const member of first.members) {
      const index = indexes.get(member.header.fileId);
      if (index === undefined) continue;
      known.add(member.header.fileId);
      const lane = laneOf(member, 'forwards');
      lane.seek(index);
      if (!member.header.archived) lane.held();
      forwards.add(lane);
    }
  };

  const first = scan();
  if (query.tail === undefined) {
    addNewMembers(first);
    if (cursor !== undefined) tellVacuumed(cursor, first, hasCopy, sink);
  } else {
    const lanes = makeMergedLanes('backwards');
    for (const member of first.members) {
      const lane = laneOf(member, 'backwards');
      endAtTime(lane, member, untilUs);
      lanes.add(lane);
    }
    search = makeTailSearch({ clock, lanes, query, tail: query.tail });
  }

  /** `end`: nothing more is there now. */
  const readOn = (): 'more' | 'end' | 'until' => {
    const startedAt = clock.monotonicMs();
    for (let count = 1; ; count += 1) {
      const next = forwards.next();
      if (next === undefined) return 'end';
      if (next.entry.realtimeUs > untilUs) return 'until';
      const file = next.lane.held()?.file;
      const record = file && makeJournalRecord(next.entry, file);
      if (record !== undefined && query.matches(record)) sink.record(record);
      if (isSliceOver(clock, startedAt, count)) return 'more';
    }
  };

  const catchUp = (): ReturnType<typeof readOn> => {
    addNewMembers(scan());
    for (const lane of forwards.lanes) lane.refresh();
    forwards.reconsider();
    return readOn();
  };

  /** From here to the next line nothing else runs, so nothing can come in between. */
  const goLive = (): 'more' | 'live' => {
    const leaveWarm = follower.join(NOBODY);
    follower.poll();
    const reached = catchUp();
    if (reached === 'end') {
      const seen = new Map(forwards.lanes.map((lane) => [lane.fileId, lane.index()]));
      leave = follower.join({
        paceMs: query.paceMs,
        record: (record, fileId, index) => {
          if (index >= (seen.get(fileId) ?? 0) && query.matches(record)) sink.record(record);
        },
        missed: (count, reason) => sink.missed(count, reason),
      });
      closeLanes(forwards);
      forwards = makeMergedLanes('forwards');
    }
    leaveWarm();
    return reached === 'end' ? 'live' : 'more';
  };

  return {
    advance: () => {
      if (search !== undefined) {
        if (!search.step()) return 'more';
        turnAround(first, search.lanes);
      }
      const reached = readOn();
      if (reached === 'more') return 'more';
      if (reached === 'until' || !query.follow) return 'done';
      return goLive();
    },
    catchUp: () => follower.poll(),
    close: () => {
      leave();
      closeLanes(search?.lanes);
      closeLanes(forwards);
    },
  };
};

/** A hub of plain functions: a test says what comes from each VM, and how its agent is. */
import type { LogEntry, LogEvent, LogMark } from '@innkeeper/protocol';
import type { HubListener, HubState, LogHub } from '../../apps/manager/src/logs/hub/log-hub.ts';

export interface FakeLogStream {
  /** Of each time that it was joined, the cursor to go on behind. */
  readonly resumedAfter: readonly (string | undefined)[];
  readonly isJoined: () => boolean;
  /** What has come before anybody joins is held, as by the real one. */
  readonly send: (...events: readonly LogEvent[]) => void;
  readonly mark: (mark: Omit<LogMark, 'seq' | 'at'>) => void;
  readonly become: (state: HubState['state']) => void;
  /** What those who have joined have not read yet. */
  readonly unread: () => number;
  /** The entries up to here are gone. */
  readonly lose: (seq: number) => void;
}

export interface FakeLogHub {
  readonly hub: Pick<LogHub, 'join' | 'hasRoom'>;
  readonly of: (vmId: string) => FakeLogStream;
  readonly joined: () => number;
  readonly setRoom: (streams: number) => void;
}

interface Stream extends FakeLogStream {
  readonly join: (listener: HubListener, resumeAfter: string | undefined) => HubMembershipOf;
}
type HubMembershipOf = ReturnType<LogHub['join']>;

const makeStream = (firstState: HubState['state'], now: () => number): Stream => {
  let state: HubState['state'] = firstState;
  const entries: LogEntry[] = [];
  const resumedAfter: (string | undefined)[] = [];
  const listeners = new Set<HubListener>();
  let newest = 0;
  let readThrough = 0;
  const add = (entry: LogEntry): void => {
    entries.push(entry);
    newest = entry.seq;
  };
  const oldest = (): number => entries[0]?.seq ?? newest + 1;
  const stateNow = (): HubState => ({
    state,
    since: now(),
    retryAt: undefined,
    failure: undefined,
  });
  return {
    resumedAfter,
    isJoined: () => listeners.size > 0,
    send: (...events) => {
      for (const event of events) add({ ...event, seq: newest + 1 });
      for (const listener of listeners) listener.arrived();
    },
    mark: (mark) => {
      add({ ...mark, at: now(), seq: newest + 1 });
      for (const listener of listeners) listener.arrived();
    },
    become: (next) => {
      state = next;
      for (const listener of listeners) listener.changed(stateNow());
    },
    unread: () => newest - readThrough,
    lose: (seq) => {
      entries.splice(0, entries.length, ...entries.filter((entry) => entry.seq > seq));
    },
    join: (listener, resumeAfter) => {
      resumedAfter.push(resumeAfter);
      listeners.add(listener);
      const isOpened = newest === 0 && resumeAfter !== undefined;
      return {
        stream: {
          epoch: 'fake',
          state: stateNow,
          newest: () => newest,
          oldest,
          bytes: () => 0,
          read: (seq, max) => {
            const found = entries.filter((entry) => entry.seq > seq).slice(0, max);
            const dropped = Math.max(0, oldest() - 1 - seq);
            readThrough = found.at(-1)?.seq ?? newest;
            return { entries: found, dropped, through: readThrough, sizes: found.map(() => 0) };
          },
          find: (cursor) =>
            isOpened && cursor === resumeAfter
              ? 0
              : entries.find((entry) => 'cursor' in entry && entry.cursor === cursor)?.seq,
        },
        leave: () => listeners.delete(listener),
      };
    },
  };
};

export const makeFakeLogHub = (
  now: () => number,
  firstState: HubState['state'] = 'live',
): FakeLogHub => {
  const streams = new Map<string, Stream>();
  let streamRoom = Number.POSITIVE_INFINITY;
  const of = (vmId: string): Stream => {
    const known = streams.get(vmId);
    if (known !== undefined) return known;
    const stream = makeStream(firstState, now);
    streams.set(vmId, stream);
    return stream;
  };
  const joined = (): number => [...streams.values()].filter((one) => one.isJoined()).length;
  return {
    of,
    joined,
    setRoom: (count) => {
      streamRoom = count;
    },
    hub: {
      join: (vm, _source, listener, resumeAfter) => of(vm.id).join(listener, resumeAfter),
      hasRoom: () => joined() < streamRoom,
    },
  };
};

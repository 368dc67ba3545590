/**
 * One source of one VM as the hub has it: its entries, who listens, and the stream to the agent.
 */
import type { LogEntry, LogSource } from '@innkeeper/protocol';
import { makeLiveUpstream, type UpstreamDependencies } from '../upstream/live-upstream.ts';
import type { VmRecord } from '../../vms/vm-record.ts';
import { makeCheckedPlace } from './checked-place.ts';
import type { HubCounters } from './hub-stats.ts';
import type { HubListener, HubMembership, HubState, HubStream } from './log-hub.ts';
import { makeLogRing } from './log-ring.ts';
import { makeNumbering } from './numbering.ts';

export interface OwnedStream {
  readonly vmId: string;
  readonly source: LogSource | undefined;
  join(listener: HubListener): HubMembership;
  listeners(): number;
  held(): readonly LogEntry[];
  bytes(): number;
  isLive(): boolean;
  /** Gives back so many bytes, or what there is. */
  shrink(bytes: number): void;
  /** From time to time: what is old is no longer kept ready. */
  tick(): void;
  retryNow(): void;
  /** Whether the agent answers pulls has changed. */
  agentAnswers(hasAnswered: boolean): void;
  vmChanged(vm: VmRecord): void;
  stop(): Promise<void>;
}

export interface OwnedStreamDependencies extends UpstreamDependencies {
  readonly vm: VmRecord;
  readonly source: LogSource | undefined;
  readonly resumeAfter: string | undefined;
  /** What the first listener asks for. */
  readonly paceMs: number | undefined;
  readonly notBefore: number | undefined;
  readonly epoch: string;
  readonly counters: HubCounters;
  /** The last listener has left. */
  readonly onIdle: () => void;
  /** More is held than before, or less. */
  readonly onBytes: (difference: number) => void;
}

interface Member {
  readonly listener: HubListener;
  position: number;
}

export const makeOwnedStream = (dependencies: OwnedStreamDependencies): OwnedStream => {
  const { vm, source, resumeAfter, epoch, counters, clock, limits } = dependencies;
  const { notBefore, onIdle, onBytes } = dependencies;
  const ring = makeLogRing(limits.hotEntries);
  const members = new Set<Member>();
  const numbering = makeNumbering({ ring, resumeAfter, counters, now: () => clock.now() });
  /** Where the first stream begins; undefined when it was not allowed to. */
  let openedAfter = resumeAfter;
  let toldBytes = 0;
  let newestAtTick = 0;
  let hastyAtMs = Number.NEGATIVE_INFINITY;

  const tellBytes = (): void => {
    const difference = ring.bytes() - toldBytes;
    toldBytes += difference;
    if (difference !== 0) onBytes(difference);
  };

  const drop = (): void => {
    ring.dropOldest();
    counters.dropped += 1;
  };

  const trim = (): void => {
    let slowest = ring.newest();
    for (const { position } of members) slowest = Math.min(slowest, position);
    const isOver = (entries: number, bytes: number): boolean =>
      ring.count() > entries || (ring.bytes() > bytes && ring.count() > 1);
    while (isOver(limits.ringEntries, limits.ringBytes)) {
      const isWanted = ring.oldest() > slowest;
      if (isWanted && !isOver(limits.backlogEntries, limits.backlogBytes)) return;
      if (isWanted) drop();
      else ring.dropOldest();
    }
  };

  const tell = (say: (listener: HubListener) => void): void => {
    for (const { listener } of members) say(listener);
  };

  const upstream = makeLiveUpstream({
    ...dependencies,
    lastCursor: () => numbering.lastCursor(),
    events: {
      ...makeCheckedPlace({
        numbering,
        notBefore,
        startOver: () => {
          openedAfter = undefined;
          upstream.startOver();
        },
      }),
      chunk: () => {
        trim();
        tellBytes();
        tell((listener) => listener.arrived());
      },
      changed: (state: HubState) => tell((listener) => listener.changed(state)),
    },
  });

  /** Only while nobody else listens is the agent asked to look less often. */
  const setPace = (): void => {
    const nowMs = clock.monotonicMs();
    const isHasty = [...members].some(({ listener }) => listener.isPatient !== true);
    if (isHasty) {
      hastyAtMs = nowMs;
      upstream.setPace(undefined);
    } else if (nowMs - hastyAtMs >= limits.patientAfterMs) upstream.setPace(limits.patientPaceMs);
  };

  const streamOf = (member: Member): HubStream => ({
    epoch,
    state: () => upstream.state(),
    newest: () => ring.newest(),
    oldest: () => ring.oldest(),
    bytes: () => ring.bytes(),
    read: (seq, max, maxBytes = Number.POSITIVE_INFINITY) => {
      const read = ring.read(seq, max, maxBytes);
      member.position = read.through;
      return read;
    },
    find: (wanted) => (wanted === openedAfter ? 0 : ring.find(wanted)),
  });

  return {
    vmId: vm.id,
    source,
    join: (listener) => {
      const member = { listener, position: ring.newest() };
      members.add(member);
      setPace();
      return {
        stream: streamOf(member),
        leave: () => {
          if (members.delete(member) && members.size === 0) onIdle();
        },
      };
    },
    listeners: () => members.size,
    held: () => ring.read(0, ring.count(), Number.POSITIVE_INFINITY).entries,
    bytes: () => ring.bytes(),
    isLive: () => upstream.state().state === 'live',
    shrink: (bytes) => {
      const target = Math.max(0, ring.bytes() - bytes);
      while (ring.bytes() > target && ring.count() > 0) drop();
      tellBytes();
    },
    tick: () => {
      ring.cool(newestAtTick);
      newestAtTick = ring.newest();
      trim();
      tellBytes();
      setPace();
    },
    retryNow: () => upstream.retryNow(),
    agentAnswers: (hasAnswered) => {
      upstream.doubt(!hasAnswered);
      // One that has refused does not change its mind because it answers pulls.
      if (hasAnswered && upstream.state().state === 'reconnecting') upstream.retryNow();
    },
    vmChanged: (next) => upstream.changed(next),
    stop: async () => {
      while (ring.count() > 0) ring.dropOldest();
      tellBytes();
      await upstream.stop();
    },
  };
};

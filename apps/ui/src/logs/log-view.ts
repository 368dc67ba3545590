/**
 * All that a viewer of logs knows: the lines of its streams, how each stream stands, and whether the
 * view moves with them. What is drawn asks it; what comes changes it, and is drawn once a frame.
 */
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import type { LogSource } from '@innkeeper/protocol';
import type { Connection } from '../state/connection.ts';
import type { Frames } from '../state/frames.ts';
import { makeFollow, type Follow } from './follow.ts';
import { followLog, type StreamStatus } from './log-stream.ts';
import type { LogPages } from './log-pages.ts';
import { makePageLoader, type Moment, type PageState } from './page-loader.ts';
import { makeRate } from './rate.ts';
import { makeRowStore, type RowStore } from './row-store.ts';
import { makeSlowBeat } from './slow-beat.ts';
import type { Wanted } from './row-index.ts';
import { makeMissing, makeStreamSink, type Missing } from './stream-sink.ts';

export interface LogView {
  readonly rows: RowStore;
  readonly follow: Follow;
  readonly vmIds: readonly string[];
  readonly statuses: ReadonlySignal<readonly StreamStatus[]>;
  readonly moment: Moment | undefined;
  /** Moves, once a frame, with whatever there is to be drawn anew. */
  readonly tick: ReadonlySignal<number>;
  /** The same, a few times a second. */
  readonly slowTick: ReadonlySignal<number>;
  readonly dropped: Missing['value'];
  readonly page: ReadonlySignal<PageState>;
  linesPerSecond(): number;
  /** One past the newest line when the view ceased to follow. */
  heldAt(): number;
  want(wanted: Omit<Wanted, 'from'>): void;
  clear(): void;
  unclear(): void;
  readonly isCleared: ReadonlySignal<boolean>;
  earlier(): Promise<void>;
  later(): Promise<void>;
  /** Draws anew in the next frame. */
  touch(): void;
  start(): () => void;
}

export interface LogViewDependencies {
  readonly vmIds: readonly string[];
  readonly source: LogSource | undefined;
  readonly moment: Moment | undefined;
  readonly connection: Connection;
  readonly pages: LogPages;
  readonly frames: Pick<Frames, 'request' | 'cancel'>;
  readonly now: () => number;
  readonly wanted: Omit<Wanted, 'from'>;
}

/** Below every number of a line. */
const EVERYTHING = Number.NEGATIVE_INFINITY;

export const makeLogView = ({
  vmIds,
  source,
  moment,
  connection,
  pages,
  frames,
  now,
  wanted,
}: LogViewDependencies): LogView => {
  const rows = makeRowStore(vmIds.length, { ...wanted, from: EVERYTHING });
  const follow = makeFollow();
  const rate = makeRate();
  const statuses = signal<readonly StreamStatus[]>(vmIds.map(() => ({ kind: 'waiting' })));
  const missing = makeMissing();
  const isCleared = signal(false);
  const tick = signal(0);
  const slow = makeSlowBeat(frames, now);
  let heldAt = 0;
  let wasEmpty = true;

  const draw = (): void => {
    rows.index.sync();
    tick.value += 1;
    const isEmpty = rows.index.visible.length === 0;
    slow.drawn(isEmpty !== wasEmpty);
    wasEmpty = isEmpty;
  };
  const touch = (): void => frames.request(draw);
  const loader = makePageLoader({
    vmIds,
    pages,
    rows,
    isPast: moment !== undefined,
    onLoaded: touch,
    now,
  });
  const setStatus = (stream: number, status: StreamStatus): void => {
    statuses.value = statuses.peek().map((before, at) => (at === stream ? status : before));
  };

  const followStream = (vmId: string, stream: number): (() => void) => {
    const sink = makeStreamSink({
      stream,
      rows,
      missing,
      rate,
      setStatus: (status) => setStatus(stream, status),
      touch,
      now,
    });
    return followLog({ vmId, source, connection, sink });
  };

  return {
    rows,
    follow,
    vmIds,
    statuses,
    moment,
    tick,
    slowTick: slow.count,
    dropped: missing.value,
    page: loader.state,
    isCleared,
    touch,
    linesPerSecond: () => rate.perSecond(now()),
    heldAt: () => heldAt,
    want: (changed) => {
      rows.index.rebuild({ ...changed, from: rows.index.wanted.from });
      touch();
    },
    clear: () => {
      rows.index.rebuild({ ...rows.index.wanted, from: rows.ring.end });
      isCleared.value = true;
      touch();
    },
    unclear: () => {
      rows.index.rebuild({ ...rows.index.wanted, from: EVERYTHING });
      isCleared.value = false;
      touch();
    },
    earlier: async () => {
      if (!isCleared.peek()) await loader.earlier();
    },
    later: async () => loader.later(),
    start: () => {
      const ends = [
        effect(() => {
          const isFollowing = follow.isFollowing.value;
          if (!isFollowing) heldAt = rows.ring.end;
          rows.setReading(!isFollowing);
          touch();
        }),
        () => frames.cancel(draw),
        () => slow.stop(),
      ];
      if (moment === undefined) ends.push(...vmIds.map(followStream));
      else {
        follow.isAway.value = true;
        void loader.around(moment);
      }
      return () => {
        for (const end of ends) end();
      };
    },
  };
};

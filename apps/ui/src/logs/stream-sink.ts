/** Puts what comes of one stream among the lines of a view. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { StreamSink, StreamStatus } from './log-stream.ts';
import type { Rate } from './rate.ts';
import type { RowStore } from './row-store.ts';

export interface Missing {
  /** Lines that the view did not get, as far as that is known. */
  readonly value: ReadonlySignal<{ readonly count: number; readonly isExact: boolean }>;
  /** Null: nobody knows how many. */
  add(count: number | null): void;
}

export const makeMissing = (): Missing => {
  const value = signal({ count: 0, isExact: true });
  return {
    value,
    add: (added) => {
      const { count, isExact } = value.peek();
      value.value = { count: count + (added ?? 0), isExact: isExact && added !== null };
    },
  };
};

export interface StreamSinkDependencies {
  readonly stream: number;
  readonly rows: RowStore;
  readonly missing: Missing;
  readonly rate: Rate;
  readonly setStatus: (status: StreamStatus) => void;
  readonly touch: () => void;
  readonly now: () => number;
}

/** For what was there before to come. */
const SETTLE_MS = 2_000;

export const makeStreamSink = ({
  stream,
  rows,
  missing,
  rate,
  setStatus,
  touch,
  now,
}: StreamSinkDependencies): StreamSink => {
  // A stream that begins, or begins again, sends what was there before.
  let settledAt = Number.POSITIVE_INFINITY;
  return {
    known: () => rows.recentCursors(stream),
    onStatus: (status) => {
      setStatus(status);
      const isLive = status.kind === 'told' && status.state.state === 'live';
      settledAt = isLive ? now() + SETTLE_MS : Number.POSITIVE_INFINITY;
    },
    onAnew: () => {
      missing.add(null);
      rows.note(stream, { kind: 'anew' }, now());
    },
    onEntries: (entries, count, isLive) => {
      if (count !== 0) {
        missing.add(count);
        rows.note(stream, { kind: 'dropped', count }, now());
      }
      rows.append(stream, entries, now(), now() < settledAt);
      for (const entry of entries) {
        if ('mark' in entry && entry.mark === 'lost') missing.add(entry.count);
      }
      if (isLive) rate.add(now(), entries.length);
      touch();
    },
  };
};

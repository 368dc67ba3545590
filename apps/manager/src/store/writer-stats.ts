/** What the writer tells about itself: for /health, /metrics and the tests. */
import type { Clock } from '../clock.ts';
import type { ColumnBuffer } from './column-buffer.ts';
import type { EventBuffer } from './event-buffer.ts';
import type { SampleCounts } from './flush-samples.ts';
import type { WriteState } from './write-state.ts';

export interface WriterStats {
  /** `waiting`: Postgres does not take anything just now, and memory keeps it. */
  readonly state: 'writing' | 'waiting';
  /** Of the last attempt, while it waits. */
  readonly problem: string | undefined;
  readonly rows: {
    readonly written: number;
    /** Were there already, from a write whose answer got lost. */
    readonly repeated: number;
    readonly dropped: {
      /** The buffer was full. */
      readonly overflow: number;
      /** Older than samples are kept. */
      readonly tooOld: number;
      /** The clock was set back. */
      readonly inFuture: number;
      /** By Postgres, whatever it was tried with. */
      readonly refused: number;
      /** The manager ended before they could be written. */
      readonly unwrittenAtStop: number;
    };
  };
  readonly events: { readonly written: number; readonly dropped: number };
  /** Lists of them, one for each VM and minute. */
  readonly processes: { readonly written: number; readonly dropped: number };
  readonly latestRefused: number;
  readonly batches: number;
  readonly lastBatchRows: number;
  readonly batchSeconds: number;
  readonly failedAttempts: number;
  readonly bufferRows: number;
  readonly bufferCapacity: number;
  /** How old the oldest sample is that waits; undefined: none waits. */
  readonly lagMs: number | undefined;
  readonly lastSuccessAt: number | undefined;
}

interface WriterParts {
  readonly samples: Pick<ColumnBuffer, 'rows' | 'capacity' | 'dropped' | 'oldestMoment'>;
  readonly events: Pick<EventBuffer, 'dropped'>;
  readonly counts: SampleCounts;
  readonly others: {
    readonly events: number;
    readonly eventsRefused: number;
    readonly latestRefused: number;
  };
  readonly processes: {
    readonly written: number;
    readonly refused: number;
    readonly dropped: number;
  };
  readonly state: Pick<WriteState, 'problem' | 'failedAttempts' | 'lastSuccessAt'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly unwrittenAtStop: number;
}

export const statsOf = (parts: WriterParts): WriterStats => {
  const { samples, events, others, processes, state, unwrittenAtStop } = parts;
  const { written, repeated, tooOld, inFuture, refused, ...batches } = parts.counts;
  const oldest = samples.oldestMoment;
  return {
    state: state.problem === undefined ? 'writing' : 'waiting',
    problem: state.problem,
    rows: {
      written,
      repeated,
      dropped: { overflow: samples.dropped, tooOld, inFuture, refused, unwrittenAtStop },
    },
    events: { written: others.events, dropped: events.dropped + others.eventsRefused },
    processes: { written: processes.written, dropped: processes.dropped + processes.refused },
    latestRefused: others.latestRefused,
    ...batches,
    failedAttempts: state.failedAttempts,
    bufferRows: samples.rows,
    bufferCapacity: samples.capacity,
    lagMs: oldest === undefined ? undefined : Math.max(0, parts.clock.now() - oldest),
    lastSuccessAt: state.lastSuccessAt,
  };
};

/**
 * One run for one client: what the database has after where the client is, then what is added to it.
 * Nothing waits here: a client that is slow is read for later, and one that is too far behind gets the
 * end, and how many events that has left out.
 */
import type { RunEvent, RunEvents } from '@innkeeper/protocol';
import type { StoredEvent } from '../runs/run-record.ts';
import type { RunSource } from '../runs/run-source.ts';
import type { PushLimits } from './limits.ts';
import { makeUnderWay } from './under-way.ts';

export interface RunFeedCounters {
  batchesSent: number;
  eventsSent: number;
  /** Events that a client was too far behind for. */
  eventsSkipped: number;
}

export interface RunFeed {
  /** From here on, also again. */
  start(after: number): void;
  /** So far the database has it. */
  written(seq: number): void;
  stop(): void;
  /** When the oldest batch that is under way was sent. */
  owesSince(): number | undefined;
}

export interface RunFeedDependencies {
  readonly runId: string;
  readonly runKey: number;
  readonly source: Pick<RunSource, 'read' | 'tail'>;
  /** Undefined: not for this client. */
  readonly present: (event: StoredEvent) => RunEvent | undefined;
  readonly send: (events: RunEvents, received: () => void) => void;
  readonly onError: (error: unknown) => void;
  readonly limits: PushLimits;
  readonly counters: RunFeedCounters;
  readonly monotonicMs: () => number;
}

/** After the database did not answer. */
const RETRY_MS = 1_000;
/** With fewer events it is not even looked how much they are. */
const NEAR = 200;
/** Sent at once after a silence: a start and a first line follow each other closely. */
const BURST = 2;
/** Acknowledgements alone bound what is under way. */
const NO_WINDOW = { take: () => () => undefined };

export const makeRunFeed = (dependencies: RunFeedDependencies): RunFeed => {
  const { runId, runKey, source, present, send, onError, limits, counters } = dependencies;
  const { monotonicMs } = dependencies;
  const underWay = makeUnderWay(NO_WINDOW, monotonicMs, () => flush());
  const most = { events: limits.runBatchEvents, bytes: limits.runBatchBytes };
  let position = 0;
  let newest = 0;
  let skipped = 0;
  let isReading = false;
  let isStopped = false;
  /** When all that was sent would be due, were it sent at even times. */
  let dueMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  /** Grows with each start: what was read for an earlier one counts for nothing. */
  let round = 0;

  const later = (ms: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      flush();
    }, ms);
  };

  const readOn = async (): Promise<void> => {
    const own = round;
    let from = position;
    if (newest - from > NEAR) {
      const tail = await source.tail(runKey, {
        events: limits.runBehindEvents,
        bytes: limits.runBehindBytes,
      });
      if (own !== round || isStopped) return;
      if (tail.after > from) {
        skipped += tail.after - from;
        counters.eventsSkipped += tail.after - from;
        from = tail.after;
      }
    }
    const stored = await source.read(runKey, from, most);
    if (own !== round || isStopped) return;
    position = stored.at(-1)?.seq ?? Math.max(from, newest);
    const events = stored.map(present).filter((event) => event !== undefined);
    if (events.length === 0 && skipped === 0) return;
    dueMs = Math.max(monotonicMs(), dueMs) + limits.runIntervalMs;
    counters.batchesSent += 1;
    counters.eventsSent += events.length;
    const batch = { run_id: runId, events, through: position, skipped };
    skipped = 0;
    send(batch, underWay.begin(0));
  };

  function flush(): void {
    if (isStopped || isReading || timer !== undefined) return;
    if (position >= newest || !underWay.hasRoom()) return;
    const earlyMs = dueMs - monotonicMs() - BURST * limits.runIntervalMs;
    if (earlyMs > 0) {
      later(earlyMs);
      return;
    }
    isReading = true;
    readOn().then(
      () => {
        isReading = false;
        flush();
      },
      (error: unknown) => {
        isReading = false;
        onError(error);
        if (!isStopped) later(RETRY_MS);
      },
    );
  }

  return {
    start: (after) => {
      round += 1;
      position = after;
      skipped = 0;
      flush();
    },
    written: (seq) => {
      newest = Math.max(newest, seq);
      flush();
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
    owesSince: () => underWay.since(),
  };
};

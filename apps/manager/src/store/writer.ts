/**
 * Takes readings and events and writes them to Postgres, in batches, one at a time. While Postgres
 * is away they wait in memory, up to a limit; what does not fit is dropped, oldest first, and
 * counted. A write that is repeated because its answer got lost changes nothing.
 */
import type { Reading } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import { ColumnBuffer } from './column-buffer.ts';
import { makeEventBuffer, type NewVmEvent } from './event-buffer.ts';
import { makeOthersFlush } from './flush-others.ts';
import { makeProcessFlush } from './flush-processes.ts';
import { makeSampleFlush } from './flush-samples.ts';
import { latenessOf } from './lateness.ts';
import { makeLatestBuffer } from './latest-buffer.ts';
import type { Partitions } from './partitions.ts';
import { makeProcessBuffer } from './process-buffer.ts';
import { makeRepeating } from './repeating.ts';
import { copyMetrics, FIELD_COUNT, isNew, ORIGIN_GUEST, ORIGIN_HOST } from './sample-row.ts';
import { makeSampleWriter } from './sample-writer.ts';
import { KEEP_PROCESSES_MS } from './tiers.ts';
import { makeWriteState } from './write-state.ts';
import { statsOf, type WriterStats } from './writer-stats.ts';

export interface WriterOptions {
  readonly flushMs?: number;
  readonly bufferBytes?: number;
  readonly maxBatchRows?: number;
  readonly maxEvents?: number;
  /** Of the lists of processes that wait. */
  readonly maxProcessCharacters?: number;
}

export interface Writer {
  add(vmKey: number, reading: Reading): void;
  addEvent(event: NewVmEvent): void;
  /** The VM is no longer registered. */
  forget(vmKey: number): void;
  /** Writes what is there now; false: Postgres does not take it, and it waits. */
  flush(): Promise<boolean>;
  start(): void;
  /** Writes what is left, for as long as this. */
  stop(deadlineMs: number): Promise<void>;
  stats(): WriterStats;
  /** The moment of the oldest sample that waits to be written. */
  oldestUnwritten(): number | undefined;
}

export const FLUSH_MS = 5_000;
const BUFFER_BYTES = 64 * 1024 * 1024;
/** Encoded in some 6 ms, during which nothing else happens; more of them save little. */
const MAX_BATCH_ROWS = 10_000;
const MAX_EVENTS = 10_000;
/** Of 1,000 VMs 40 minutes. */
const MAX_PROCESS_CHARACTERS = 16 * 1024 * 1024;

const passes = (ms: number): { readonly promise: Promise<void>; readonly cancel: () => void } => {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return { promise, cancel: () => clearTimeout(timer) };
};

export const makeWriter = ({
  database,
  partitions,
  clock,
  log,
  keepRawMs,
  keepProcessesMs = KEEP_PROCESSES_MS,
  options = {},
}: {
  readonly database: Database;
  readonly partitions: Pick<Partitions, 'ensure' | 'forget'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly keepRawMs: number;
  readonly keepProcessesMs?: number;
  readonly options?: WriterOptions;
}): Writer => {
  const { flushMs = FLUSH_MS, maxBatchRows = MAX_BATCH_ROWS } = options;
  const samples = new ColumnBuffer(options.bufferBytes ?? BUFFER_BYTES);
  const latest = makeLatestBuffer();
  const events = makeEventBuffer(options.maxEvents ?? MAX_EVENTS);
  const processes = makeProcessBuffer(options.maxProcessCharacters ?? MAX_PROCESS_CHARACTERS);
  const values = new Float64Array(FIELD_COUNT);
  const lastMoments = new Map<number, number>();
  const state = makeWriteState(clock, log);
  const { lateMs } = latenessOf(flushMs);
  const writeSamples = makeSampleWriter({ database, partitions, clock, lateMs });
  const sampleFlush = makeSampleFlush({
    samples,
    writeSamples,
    state,
    clock,
    keepRawMs,
    maxBatchRows,
  });
  const processFlush = makeProcessFlush({
    database,
    partitions,
    processes,
    state,
    clock,
    keepMs: keepProcessesMs,
  });
  const othersFlush = makeOthersFlush({ database, latest, events, state });
  let unwrittenAtStop = 0;
  let isStopped = false;

  const flush = makeRepeating(
    async () => {
      const before = { written: sampleFlush.counts.written, dropped: samples.dropped };
      try {
        await sampleFlush.flush();
        await othersFlush.flush();
        await processFlush.flush();
      } catch (error) {
        state.failed(error, before);
        return false;
      }
      state.succeeded({ written: sampleFlush.counts.written, dropped: samples.dropped });
      return true;
    },
    () => state.retryMs ?? flushMs,
  );

  return {
    add: (vmKey, reading) => {
      if (isStopped) return;
      latest.note(vmKey, reading);
      if (!isNew(reading, lastMoments.get(vmKey))) return;
      const moment = reading.taken_at;
      lastMoments.set(vmKey, moment);
      const origin = reading.origin === 'host' ? ORIGIN_HOST : ORIGIN_GUEST;
      copyMetrics(reading, values);
      samples.append(vmKey, moment, origin, values);
      processes.note(vmKey, reading);
      if (samples.rows === maxBatchRows && !flush.isRunning && state.retryMs === undefined) {
        flush.hurry();
      }
    },
    addEvent: (event) => {
      if (!isStopped) events.add(event);
    },
    forget: (vmKey) => {
      lastMoments.delete(vmKey);
      latest.forget(vmKey);
      processes.forget(vmKey);
    },
    flush: () => flush.run(),
    start: () => flush.start(),
    stop: async (deadlineMs) => {
      if (isStopped) return;
      isStopped = true;
      const deadline = passes(deadlineMs);
      let isOver = false;
      const lastFlush = flush.stop().then(() => isOver || flush.run());
      await Promise.race([lastFlush, deadline.promise]);
      isOver = true;
      deadline.cancel();
      unwrittenAtStop = samples.rows;
      if (samples.rows + events.size + processes.size > 0) {
        log.error('the manager ends with samples that were not written', {
          rows: samples.rows,
          events: events.size,
          processes: processes.size,
        });
      }
    },
    stats: () =>
      statsOf({
        samples,
        events,
        counts: sampleFlush.counts,
        others: othersFlush.counts,
        processes: { ...processFlush.counts, dropped: processes.dropped },
        state,
        clock,
        unwrittenAtStop,
      }),
    oldestUnwritten: () => samples.oldestMoment,
  };
};

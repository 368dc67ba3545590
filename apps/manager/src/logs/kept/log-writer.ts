/**
 * Takes lines and positions and writes them to Postgres, in batches, one at a time. While Postgres
 * is away the lines wait in memory, up to a limit; what does not fit is dropped, oldest first, and
 * counted.
 */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/database.ts';
import type { Log } from '../../log.ts';
import type { Partitions } from '../../store/partitions.ts';
import { makeRepeating } from '../../store/repeating.ts';
import { makeWriteState } from '../../store/write-state.ts';
import { makeLineFlush } from './flush-lines.ts';
import type { KeptRow } from './kept-row.ts';
import { makeLineBuffer } from './line-buffer.ts';
import type { Positions } from './positions.ts';

export interface LogWriterStats {
  readonly written: number;
  readonly repeated: number;
  readonly bytes: number;
  readonly overflow: number;
  readonly refused: number;
  readonly unwrittenAtStop: number;
  readonly bufferRows: number;
  readonly bufferBytes: number;
  readonly failedAttempts: number;
  /** Of the last attempt, while Postgres takes nothing. */
  readonly problem: string | undefined;
}

export interface LogWriter {
  add(row: KeptRow): void;
  /** Writes what is there now; false: Postgres does not take it, and it waits. */
  flush(): Promise<boolean>;
  start(): void;
  /** Writes what is left, for as long as this. */
  stop(deadlineMs: number): Promise<void>;
  readonly freeBytes: number;
  stats(): LogWriterStats;
}

export interface LogWriterOptions {
  readonly flushMs?: number;
  readonly bufferBytes?: number;
}

/** What is searched for just after it happened should be found. */
const FLUSH_MS = 2_000;
const BUFFER_BYTES = 32 * 1024 * 1024;
const HURRY_ROWS = 2_000;
/** An eighth of the buffer: long lines must not wait until they push each other out. */
const HURRY_BYTES = 4 * 1024 * 1024;
/** A manager that was killed looks at the lines of so long again, but for those without a time. */
const POSITIONS_MS = 10_000;

export const makeLogWriter = ({
  database,
  partitions,
  positions,
  clock,
  log,
  options = {},
}: {
  readonly database: Database;
  readonly partitions: Pick<Partitions, 'ensure' | 'forget'>;
  readonly positions: Pick<Positions, 'take' | 'write'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly options?: LogWriterOptions;
}): LogWriter => {
  const { flushMs = FLUSH_MS, bufferBytes = BUFFER_BYTES } = options;
  const lines = makeLineBuffer(bufferBytes);
  const state = makeWriteState(clock, log, 'log lines');
  const lineFlush = makeLineFlush({ database, partitions, lines, state });
  /** VMs with lines that are told apart by when they came: sent again, they would be kept twice. */
  let untimed = new Set<number>();
  let positionsAt = Number.NEGATIVE_INFINITY;
  let unwrittenAtStop = 0;
  let isStopped = false;
  let isHurried = false;

  const isMuch = (): boolean => lines.size >= HURRY_ROWS || lines.bytes >= HURRY_BYTES;
  const totals = () => ({ written: lineFlush.counts.written, dropped: lines.dropped });

  const flush = makeRepeating(
    async () => {
      isHurried = false;
      const before = totals();
      const rows = lines.size;
      const areDue = isStopped || clock.monotonicMs() - positionsAt >= POSITIONS_MS;
      const due = untimed;
      untimed = new Set();
      // Taken first: the lines before these positions are among those that are written now.
      const noted = positions.take().filter(({ vmKey }) => areDue || due.has(vmKey));
      try {
        await lineFlush.flush(rows);
        await positions.write(noted);
      } catch (error) {
        untimed = new Set([...untimed, ...due]);
        state.failed(error, before);
        return false;
      }
      if (areDue) positionsAt = clock.monotonicMs();
      state.succeeded(totals());
      return true;
    },
    () => state.retryMs ?? (isMuch() ? 0 : flushMs),
  );

  return {
    add: (row) => {
      if (isStopped) return;
      lines.add(row);
      if (row.ts === row.receivedAt) untimed.add(row.vmKey);
      if (isHurried || flush.isRunning || state.retryMs !== undefined || !isMuch()) return;
      isHurried = true;
      flush.hurry();
    },
    flush: () => flush.run(),
    start: () => flush.start(),
    stop: async (deadlineMs) => {
      if (isStopped) return;
      isStopped = true;
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, deadlineMs);
      });
      let isOver = false;
      const lastFlush = flush.stop().then(() => isOver || flush.run());
      await Promise.race([lastFlush, deadline]);
      isOver = true;
      clearTimeout(timer);
      // Of what is under way nobody will know whether it was written.
      unwrittenAtStop = lines.size + lineFlush.underWay;
      if (unwrittenAtStop > 0) {
        const rows = unwrittenAtStop;
        log.error('the manager ends with log lines that were not written', { rows });
      }
    },
    get freeBytes() {
      return bufferBytes - lines.bytes;
    },
    stats: () => ({
      ...lineFlush.counts,
      overflow: lines.dropped,
      unwrittenAtStop,
      bufferRows: lines.size,
      bufferBytes: lines.bytes,
      failedAttempts: state.failedAttempts,
      problem: state.problem,
    }),
  };
};

/**
 * What happens in runs on its way to Postgres: in order, in batches, each in one transaction with
 * the rows that it changes, so that what is stored of an execution always fits how far it is said to
 * be. Nothing is dropped while the database is away: `isFull` tells those who read agents to wait.
 */
import { recordAudit, type AuditRecord } from '../audit/audit.ts';
import { DatabaseUnavailable, type Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import type { RunLimits } from './limits.ts';
import type { ExecutionRecord, RunRecord, StoredEvent } from './run-record.ts';
import { insertRunEvents } from './sql/insert-run-events.ts';
import {
  executionColumns,
  updateExecutions,
  type ExecutionColumns,
} from './sql/update-executions.ts';
import { runColumns, updateRuns, type RunColumns } from './sql/update-runs.ts';

export interface Change {
  readonly event?: StoredEvent;
  /** As it is now: what happens to it later is another change. */
  readonly execution?: ExecutionRecord;
  readonly run?: RunRecord;
  readonly audit?: AuditRecord;
}

export interface RunWriterStats {
  readonly events: number;
  readonly bytes: number;
  readonly batches: number;
  readonly failedAttempts: number;
  readonly pendingBytes: number;
  /** Changes that Postgres refuses for another reason than being away. */
  readonly refused: number;
}

export interface RunWriter {
  add(change: Change): void;
  /** Resolves when all that was added before is in the database; false: the writer was stopped. */
  written(): Promise<boolean>;
  isFull(): boolean;
  /** Calls back each time that there is room again. */
  onRoom(listener: () => void): () => void;
  /** Calls back with what has just been written, in order. */
  onWritten(listener: (events: readonly StoredEvent[]) => void): () => void;
  stats(): RunWriterStats;
  /** Tries until then to write what there is. */
  stop(withinMs: number): Promise<void>;
}

interface Entry {
  readonly runKey: number;
  readonly bytes: number;
  readonly event: StoredEvent | undefined;
  readonly execution: ExecutionColumns | undefined;
  readonly run: RunColumns | undefined;
  readonly audit: AuditRecord | undefined;
}

/** A row with its two index entries. */
const ENTRY_BYTES = 200;

const present = <Value>(values: readonly (Value | undefined)[]): Value[] =>
  values.filter((value) => value !== undefined);

/** The last of each row counts. */
const lastOf = <Row extends { readonly key: number }>(rows: readonly Row[]): Row[] => [
  ...new Map(rows.map((row) => [row.key, row])).values(),
];

const writeEntries = async (database: Database, entries: readonly Entry[]): Promise<void> => {
  const events = present(entries.map(({ event }) => event));
  const executions = lastOf(present(entries.map(({ execution }) => execution)));
  const runs = lastOf(present(entries.map(({ run }) => run)));
  const audits = present(entries.map(({ audit }) => audit));
  await database.transaction(async (transaction) => {
    if (events.length > 0) await insertRunEvents(transaction, events);
    if (executions.length > 0) await updateExecutions(transaction, executions);
    if (runs.length > 0) await updateRuns(transaction, runs);
    for (const audit of audits) await recordAudit(transaction, audit);
  });
};

/** The first of them that fit into one batch; one always does. */
const takeBatch = (queue: readonly Entry[], limits: RunLimits): Entry[] => {
  let bytes = 0;
  let count = 0;
  for (const entry of queue) {
    const isFull = count >= limits.batchEvents || bytes + entry.bytes > limits.batchBytes;
    if (count > 0 && isFull) break;
    count += 1;
    bytes += entry.bytes;
  }
  return queue.slice(0, count);
};

const entryOf = ({ event, execution, run, audit }: Change): Entry => ({
  runKey: event?.runKey ?? execution?.runKey ?? run?.key ?? 0,
  bytes: ENTRY_BYTES + (event?.data.length ?? 0),
  event,
  execution: execution && executionColumns(execution),
  run: run && runColumns(run),
  audit,
});

export const makeRunWriter = ({
  database,
  limits,
  log,
}: {
  readonly database: Database;
  readonly limits: RunLimits;
  readonly log: Log;
}): RunWriter => {
  const counters = { events: 0, bytes: 0, batches: 0, failedAttempts: 0, refused: 0 };
  let queue: Entry[] = [];
  let pendingBytes = 0;
  let added = 0;
  let done = 0;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let failures = 0;
  let waiting: { readonly until: number; readonly settle: (isWritten: boolean) => void }[] = [];
  const roomListeners = new Set<() => void>();
  const writtenListeners = new Set<(events: readonly StoredEvent[]) => void>();

  const isFull = (): boolean => pendingBytes > limits.pendingBytes;

  const settled = (batch: readonly Entry[]): void => {
    const wasFull = isFull();
    queue = queue.slice(batch.length);
    done += batch.length;
    for (const { bytes } of batch) pendingBytes -= bytes;
    const events = present(batch.map(({ event }) => event));
    counters.batches += 1;
    counters.events += events.length;
    for (const { data } of events) counters.bytes += data.length;
    for (const listener of writtenListeners) listener(events);
    const isDue = ({ until }: { readonly until: number }): boolean => until <= done;
    const due = waiting.filter(isDue);
    waiting = waiting.filter((one) => !isDue(one));
    for (const { settle } of due) settle(true);
    if (wasFull && !isFull()) for (const listener of roomListeners) listener();
  };

  /** One run that Postgres does not take must not hold up the others. */
  const writeApart = async (batch: readonly Entry[]): Promise<void> => {
    for (const runKey of new Set(batch.map((entry) => entry.runKey))) {
      const own = batch.filter((entry) => entry.runKey === runKey);
      try {
        await writeEntries(database, own);
      } catch (error) {
        if (error instanceof DatabaseUnavailable) throw error;
        counters.refused += own.length;
        log.error('what happened in a run cannot be stored', { run_key: runKey, error });
      }
    }
  };

  const flush = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = takeBatch(queue, limits);
      try {
        if (failures === 0) await writeEntries(database, batch);
        else await writeApart(batch);
      } catch (error) {
        counters.failedAttempts += 1;
        failures += 1;
        if (failures === 1) log.warn('what happened in runs cannot be stored yet', { error });
        return;
      }
      failures = 0;
      settled(batch);
    }
  };

  const begin = (): void => {
    timer = undefined;
    flushing = flush().finally(() => {
      flushing = undefined;
      schedule();
    });
  };

  const schedule = (): void => {
    if (isStopped || timer !== undefined || flushing !== undefined || queue.length === 0) return;
    // What comes within the same moment is one batch.
    const ms =
      failures === 0
        ? 0
        : Math.min(limits.writeRetryMs * 2 ** Math.min(failures, 10), limits.maxWriteRetryMs);
    timer = setTimeout(begin, ms);
  };

  return {
    add: (change) => {
      const entry = entryOf(change);
      queue.push(entry);
      pendingBytes += entry.bytes;
      added += 1;
      schedule();
    },
    written: async () => {
      if (done >= added) return true;
      if (isStopped) return false;
      return new Promise((settle) => {
        waiting.push({ until: added, settle });
      });
    },
    isFull,
    onRoom: (listener) => {
      roomListeners.add(listener);
      return () => roomListeners.delete(listener);
    },
    onWritten: (listener) => {
      writtenListeners.add(listener);
      return () => writtenListeners.delete(listener);
    },
    stats: () => ({ ...counters, pendingBytes }),
    stop: async (withinMs) => {
      isStopped = true;
      clearTimeout(timer);
      let late: NodeJS.Timeout | undefined;
      const tooLate = new Promise<void>((resolve) => {
        late = setTimeout(resolve, withinMs);
      });
      await Promise.race([(flushing ?? Promise.resolve()).then(flush), tooLate]);
      clearTimeout(late);
      for (const { settle } of waiting) settle(false);
      waiting = [];
    },
  };
};

/** The parts of the store, put together: what takes samples, and what looks after their tables. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import { latenessOf } from './lateness.ts';
import { makeMaintenance, type Maintenance } from './maintenance.ts';
import { makePartitions, type Partitions } from './partitions.ts';
import { makeRollUp } from './roll-up.ts';
import { completeRetention, KEEP_LOGS_MS, KEEP_PROCESSES_MS, type Retention } from './tiers.ts';
import { FLUSH_MS, makeWriter, type Writer, type WriterOptions } from './writer.ts';

export interface Store {
  readonly writer: Writer;
  readonly maintenance: Maintenance;
  /** For whoever else writes into a table that it looks after. */
  readonly partitions: Partitions;
  /** What is really kept: a tier no shorter than the one that it is computed from. */
  readonly keepMs: Retention;
  start(): void;
  /** Writes what is left, for as long as this. */
  stop(deadlineMs: number): Promise<void>;
}

export const makeStore = ({
  database,
  clock,
  log,
  keepMs: wantedMs,
  keepProcessesMs = KEEP_PROCESSES_MS,
  keepLogsMs = KEEP_LOGS_MS,
  options = {},
}: {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly keepMs: Retention;
  readonly keepProcessesMs?: number;
  readonly keepLogsMs?: number;
  readonly options?: WriterOptions;
}): Store => {
  const keepMs = completeRetention(wantedMs);
  const partitions = makePartitions({ database, clock, keepMs, keepProcessesMs, keepLogsMs });
  const keepRawMs = keepMs.raw;
  const writer = makeWriter({
    database,
    partitions,
    clock,
    log,
    keepRawMs,
    keepProcessesMs,
    options,
  });
  const rollUp = makeRollUp({
    database,
    partitions,
    clock,
    lateness: latenessOf(options.flushMs ?? FLUSH_MS),
    oldestUnwritten: () => writer.oldestUnwritten(),
  });
  const maintenance = makeMaintenance({ database, partitions, rollUp, clock, log, keepMs });
  return {
    writer,
    maintenance,
    partitions,
    keepMs,
    start: () => {
      maintenance.start();
      writer.start();
    },
    stop: async (deadlineMs) => {
      await Promise.all([writer.stop(deadlineMs), maintenance.stop()]);
    },
  };
};

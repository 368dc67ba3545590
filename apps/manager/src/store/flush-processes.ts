/** Writes the lists of processes that wait, batch after batch, and counts what becomes of them. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { sqlStateOf } from './failure.ts';
import { insertIsolating, type Isolated } from './isolate.ts';
import type { Partitions } from './partitions.ts';
import type { ProcessBuffer, ProcessSnapshotRow } from './process-buffer.ts';
import { insertProcessSnapshots } from './sql/insert-process-snapshots.ts';
import type { WriteState } from './write-state.ts';

const BATCH_ROWS = 2_000;
/** What Postgres says of a row that has no partition. */
const CHECK_VIOLATION = '23514';
/** Moments come from our own clock: later ones are from before it was set back. */
const MAX_AHEAD_MS = 600_000;

export interface ProcessFlush {
  /** What is there now. Rejects where Postgres does not take it; the rows stay then. */
  flush(): Promise<void>;
  readonly counts: {
    readonly written: number;
    /** By Postgres, or because their moments are not among those that are kept. */
    readonly refused: number;
  };
}

export const makeProcessFlush = ({
  database,
  partitions,
  processes,
  state,
  clock,
  keepMs,
}: {
  readonly database: Database;
  readonly partitions: Pick<Partitions, 'ensure' | 'forget'>;
  readonly processes: ProcessBuffer;
  readonly state: Pick<WriteState, 'isRefusal' | 'refused'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly keepMs: number;
}): ProcessFlush => {
  const counts = { written: 0, refused: 0 };

  const write = async (rows: readonly ProcessSnapshotRow[]): Promise<Isolated> => {
    const moments = rows.map(({ at }) => at);
    const oldest = Math.min(...moments);
    const newest = Math.max(...moments);
    await partitions.ensure('processes', oldest, newest);
    const insert = async (from: number, to: number): Promise<number> =>
      insertProcessSnapshots(database, rows.slice(from, to));
    try {
      return { written: await insert(0, rows.length), refused: 0, firstError: undefined };
    } catch (error) {
      if (!state.isRefusal(error)) throw error;
      if (sqlStateOf(error) === CHECK_VIOLATION) {
        // Another manager has dropped it, whose clock or settings are different.
        partitions.forget();
        await partitions.ensure('processes', oldest, newest);
      }
    }
    return insertIsolating(rows.length, insert, state.isRefusal);
  };

  const flushBatch = async (): Promise<void> => {
    const now = clock.now();
    const taken = processes.take(BATCH_ROWS);
    const rows = taken.filter(({ at }) => at >= now - keepMs && at <= now + MAX_AHEAD_MS);
    if (rows.length > 0) {
      try {
        const { written, refused, firstError } = await write(rows);
        counts.written += written;
        counts.refused += refused;
        if (refused > 0) state.refused('process_snapshot', refused, firstError);
      } catch (error) {
        processes.putBack(taken);
        throw error;
      }
    }
    counts.refused += taken.length - rows.length;
  };

  return {
    counts,
    flush: async () => {
      while (processes.size > 0) await flushBatch();
    },
  };
};

/** Writes the lists of processes that wait, batch after batch, and counts what becomes of them. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { insertPartitioned } from './insert-partitioned.ts';
import type { Isolated } from './isolate.ts';
import type { Partitions } from './partitions.ts';
import type { ProcessBuffer, ProcessSnapshotRow } from './process-buffer.ts';
import { insertProcessSnapshots } from './sql/insert-process-snapshots.ts';
import type { WriteState } from './write-state.ts';

const BATCH_ROWS = 2_000;
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

  const write = async (rows: readonly ProcessSnapshotRow[]): Promise<Isolated> =>
    insertPartitioned({
      partitions,
      series: 'processes',
      moments: rows.map(({ at }) => at),
      insert: async (from, to) => insertProcessSnapshots(database, rows.slice(from, to)),
      state,
    });

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

/** Writes the lines that wait, batch after batch, and counts what becomes of them. */
import type { Database } from '../../database/database.ts';
import { sqlStateOf } from '../../store/failure.ts';
import { insertIsolating, type Isolated } from '../../store/isolate.ts';
import type { Partitions } from '../../store/partitions.ts';
import type { WriteState } from '../../store/write-state.ts';
import type { KeptRow } from './kept-row.ts';
import type { LineBuffer } from './line-buffer.ts';
import { insertKeptLogs } from './sql/insert-kept-logs.ts';

/** About 2 MB on the wire, encoded in some 15 ms. */
const BATCH_ROWS = 2_000;
/** What Postgres says of a row that has no partition. */
const CHECK_VIOLATION = '23514';

export interface LineFlush {
  /** As many as these. Rejects where Postgres does not take them; they wait again then. */
  flush(rows: number): Promise<void>;
  readonly counts: {
    readonly written: number;
    /** Were there already: sent again, or written without an answer. */
    readonly repeated: number;
    readonly refused: number;
    readonly bytes: number;
  };
}

export const makeLineFlush = ({
  database,
  partitions,
  lines,
  state,
}: {
  readonly database: Database;
  readonly partitions: Pick<Partitions, 'ensure' | 'forget'>;
  readonly lines: LineBuffer;
  readonly state: Pick<WriteState, 'isRefusal' | 'refused'>;
}): LineFlush => {
  const counts = { written: 0, repeated: 0, refused: 0, bytes: 0 };

  const write = async (rows: readonly KeptRow[]): Promise<Isolated> => {
    let oldest = Number.POSITIVE_INFINITY;
    let newest = Number.NEGATIVE_INFINITY;
    for (const { ts } of rows) {
      oldest = Math.min(oldest, ts);
      newest = Math.max(newest, ts);
    }
    await partitions.ensure('logs', oldest, newest);
    const insert = async (from: number, to: number): Promise<number> =>
      insertKeptLogs(database, rows.slice(from, to));
    try {
      return { written: await insert(0, rows.length), refused: 0, firstError: undefined };
    } catch (error) {
      if (!state.isRefusal(error)) throw error;
      if (sqlStateOf(error) === CHECK_VIOLATION) {
        // It was dropped meanwhile, for the room that it took, or by another manager.
        partitions.forget();
        await partitions.ensure('logs', oldest, newest);
      }
    }
    return insertIsolating(rows.length, insert, state.isRefusal);
  };

  const flushBatch = async (max: number): Promise<number> => {
    const rows = lines.take(max);
    try {
      const { written, refused, firstError } = await write(rows);
      counts.written += written;
      counts.refused += refused;
      counts.repeated += rows.length - written - refused;
      counts.bytes += rows.reduce((sum, { bytes }) => sum + bytes, 0);
      if (refused > 0) state.refused('kept_log', refused, firstError);
    } catch (error) {
      lines.putBack(rows);
      throw error;
    }
    return rows.length;
  };

  return {
    counts,
    flush: async (count) => {
      let left = Math.min(count, lines.size);
      while (left > 0 && lines.size > 0) left -= await flushBatch(Math.min(left, BATCH_ROWS));
    },
  };
};

/** Writes the lines that wait, batch after batch, and counts what becomes of them. */
import type { Database } from '../../database/database.ts';
import { insertPartitioned } from '../../store/insert-partitioned.ts';
import type { Isolated } from '../../store/isolate.ts';
import type { Partitions } from '../../store/partitions.ts';
import type { WriteState } from '../../store/write-state.ts';
import type { KeptRow } from './kept-row.ts';
import type { LineBuffer } from './line-buffer.ts';
import { insertKeptLogs } from './sql/insert-kept-logs.ts';

/** About 2 MB on the wire, encoded in some 15 ms. */
const BATCH_ROWS = 2_000;
/** Of rows that are as long as they may be, some 160. */
const BATCH_BYTES = 4 * 1024 * 1024;

export interface LineFlush {
  /** As many as these. Rejects where Postgres does not take them; they wait again then. */
  flush(rows: number): Promise<void>;
  /** Rows that were taken out of the buffer, and of which Postgres has said nothing yet. */
  readonly underWay: number;
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
  let underWay = 0;
  const counts = { written: 0, repeated: 0, refused: 0, bytes: 0 };

  const write = async (rows: readonly KeptRow[]): Promise<Isolated> =>
    insertPartitioned({
      partitions,
      series: 'logs',
      moments: rows.map(({ ts }) => ts),
      insert: async (from, to) => insertKeptLogs(database, rows.slice(from, to)),
      state,
    });

  const flushBatch = async (max: number): Promise<number> => {
    const rows = lines.take(max, BATCH_BYTES);
    underWay = rows.length;
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
    } finally {
      underWay = 0;
    }
    return rows.length;
  };

  return {
    counts,
    get underWay() {
      return underWay;
    },
    flush: async (count) => {
      let left = Math.min(count, lines.size);
      while (left > 0 && lines.size > 0) left -= await flushBatch(Math.min(left, BATCH_ROWS));
    },
  };
};

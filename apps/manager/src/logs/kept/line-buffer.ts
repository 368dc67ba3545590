/** Lines that wait to be written. When it is full, the oldest makes room and is counted. */
import type { KeptRow } from './kept-row.ts';

export interface LineBuffer {
  add(row: KeptRow): void;
  /**
   * The oldest ones, of so many bytes at most, but always one. They are gone from here; `putBack`
   * returns what was not written.
   */
  take(max: number, maxBytes: number): readonly KeptRow[];
  putBack(rows: readonly KeptRow[]): void;
  readonly size: number;
  readonly bytes: number;
  readonly dropped: number;
}

export const makeLineBuffer = (capacityBytes: number): LineBuffer => {
  let rows: KeptRow[] = [];
  /** Of the oldest row that is still here: shifting an array of 50,000 for each would take long. */
  let first = 0;
  let bytes = 0;
  let dropped = 0;

  const forget = (count: number): readonly KeptRow[] => {
    const gone = rows.slice(first, first + count);
    for (const row of gone) bytes -= row.bytes;
    first += gone.length;
    if (first > 1_000 && first > rows.length / 2) {
      rows = rows.slice(first);
      first = 0;
    }
    return gone;
  };

  const trim = (): void => {
    while (bytes > capacityBytes && first < rows.length) {
      forget(1);
      dropped += 1;
    }
  };

  return {
    add: (row) => {
      rows.push(row);
      bytes += row.bytes;
      trim();
    },
    take: (max, maxBytes) => {
      let count = 0;
      let taken = 0;
      for (let next = rows[first]; next !== undefined && count < max; next = rows[first + count]) {
        taken += next.bytes;
        if (count > 0 && taken > maxBytes) break;
        count += 1;
      }
      return forget(count);
    },
    putBack: (unwritten) => {
      rows = [...unwritten, ...rows.slice(first)];
      first = 0;
      for (const row of unwritten) bytes += row.bytes;
      trim();
    },
    get size() {
      return rows.length - first;
    },
    get bytes() {
      return bytes;
    },
    get dropped() {
      return dropped;
    },
  };
};

/**
 * The lines of a view, of one VM or of several in the order of time, with how many there are of each
 * kind. As many as stay quick are kept; more while somebody reads, so that nothing moves away.
 */
import type { LogEntry, LogEvent } from '@innkeeper/protocol';
import { makeCounter, type Counts } from './filter.ts';
import { insertRows, mergeRows } from './merge-rows.ts';
import { makeRing, type Ring } from '../terminal/ring.ts';
import { makeRowIndex, type RowIndex, type Wanted } from './row-index.ts';
import { makeLineRow, type NoteRow, type Row } from './row.ts';
import { LINE_OVERHEAD } from './row-size.ts';

export const KEPT_FOLLOWING = 10_000;
export const KEPT_READING = 20_000;
/** Of all lines together; of the journal's each may have 64 KiB of message and twice that in fields. */
const MOST_CHARACTERS = 32 * 1024 * 1024;
/** Later than that is not the network but a wrong clock. */
const LATE_MS = 5_000;
/** Looked through for a line that comes again. */
const RECENT = 4_000;

export interface RowStore {
  readonly ring: Ring<Row>;
  readonly index: RowIndex;
  readonly counts: Counts;
  limit(): number;
  /** Lines and marks of a stream, after those that it has already. */
  append(stream: number, entries: readonly LogEntry[], now: number, isHistory: boolean): void;
  note(stream: number, note: NoteRow['note'], now: number): void;
  /** Earlier lines of a stream. @returns how many were new */
  prepend(stream: number, events: readonly LogEvent[]): number;
  /** Cursors of the last lines of a stream. */
  recentCursors(stream: number): ReadonlySet<string>;
  /** The oldest line of a stream. */
  oldest(stream: number): LogEvent | undefined;
  newest(stream: number): LogEvent | undefined;
  setReading(isReading: boolean): void;
  readonly isFull: () => boolean;
}

const sizeOf = (row: Row): number => (row.kind === 'line' ? row.size : LINE_OVERHEAD);

export const makeRowStore = (streams: number, wanted: Wanted): RowStore => {
  const ring = makeRing<Row>();
  const index = makeRowIndex(ring, wanted);
  const counts = makeCounter();
  let characters = 0;
  let isReading = false;
  const limit = (): number => (isReading ? KEPT_READING : KEPT_FOLLOWING);
  const isFull = (): boolean => ring.end - ring.first >= limit() || characters > MOST_CHARACTERS;

  const trim = (): void => {
    while (ring.end - ring.first > limit() || characters > MOST_CHARACTERS) {
      const row = ring.shift();
      if (row === undefined) return;
      characters -= sizeOf(row);
      if (row.kind === 'line') counts.remove(row);
    }
  };
  const count = (rows: readonly Row[]): void => {
    for (const row of rows) {
      characters += sizeOf(row);
      if (row.kind === 'line') counts.add(row);
    }
  };
  const put = (rows: readonly Row[], lateMs: number): void => {
    count(rows);
    if (streams === 1) for (const row of rows) ring.push(row);
    else index.forgetFrom(insertRows(ring, rows, lateMs));
    trim();
  };
  const find = (from: number, step: 1 | -1, stream: number): LogEvent | undefined => {
    for (let number = from; number >= ring.first && number < ring.end; number += step) {
      const row = ring.at(number);
      if (row?.kind === 'line' && row.stream === stream) return row.event;
    }
    return undefined;
  };
  const all = (): Row[] => {
    const rows: Row[] = [];
    for (let row = ring.shift(); row !== undefined; row = ring.shift()) rows.push(row);
    return rows;
  };

  return {
    ring,
    index,
    counts,
    limit,
    isFull,
    append: (stream, entries, now, isHistory) => {
      let before = ring.at(ring.end - 1)?.at ?? now;
      const rows = entries.map((entry): Row => {
        const row: Row =
          'mark' in entry
            ? { kind: 'note', stream, at: entry.at, note: { kind: 'mark', mark: entry } }
            : makeLineRow(stream, entry, before);
        before = row.at;
        return row;
      });
      put(rows, isHistory ? Number.POSITIVE_INFINITY : LATE_MS);
    },
    note: (stream, note, now) => {
      put([{ kind: 'note', stream, at: ring.at(ring.end - 1)?.at ?? now, note }], LATE_MS);
    },
    prepend: (stream, events) => {
      const known = new Set<string>();
      for (let number = ring.first; number < ring.end; number += 1) {
        const row = ring.at(number);
        if (row?.kind === 'line' && row.stream === stream) known.add(row.event.cursor);
      }
      const fresh = events.filter(({ cursor }) => !known.has(cursor));
      // Lines without a time are of the time before them; the first, of that behind them.
      const timed = fresh.find(({ timestamp }) => timestamp !== null);
      let before = timed?.timestamp ?? ring.at(ring.first)?.at ?? 0;
      const rows = fresh.map((event) => {
        const row = makeLineRow(stream, event, before);
        before = row.at;
        return row;
      });
      count(rows);
      if (streams === 1) {
        for (const row of rows.toReversed()) ring.unshift(row);
      } else {
        for (const row of mergeRows(rows, all()).toReversed()) ring.unshift(row);
      }
      index.rebuild();
      return rows.length;
    },
    recentCursors: (stream) => {
      const cursors = new Set<string>();
      for (let number = ring.end - 1; number >= ring.first && cursors.size < RECENT; number -= 1) {
        const row = ring.at(number);
        if (row?.kind === 'line' && row.stream === stream) cursors.add(row.event.cursor);
      }
      return cursors;
    },
    oldest: (stream) => find(ring.first, 1, stream),
    newest: (stream) => find(ring.end - 1, -1, stream),
    setReading: (changed) => {
      isReading = changed;
      trim();
    },
  };
};

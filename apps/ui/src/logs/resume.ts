/**
 * How far a stream has come, so that after a lost connection it goes on with the next line: none
 * lost, none twice, and what cannot be had is said.
 */
import type { LogEntry, LogPosition } from '@innkeeper/protocol';

/** A history or a batch of lines; `fresh` only of a history. */
export interface Batch {
  readonly epoch: string;
  readonly lines: readonly LogEntry[];
  readonly dropped: number | null;
  readonly through: number;
  readonly fresh?: boolean;
}

export interface Taken {
  readonly entries: readonly LogEntry[];
  /** Before the entries; 0: none. */
  readonly missing: number | null;
  /** What was between the lines that are there and these is not known. */
  readonly isAnew: boolean;
}

export interface Resume {
  /** Undefined before the first batch. */
  position(): LogPosition | undefined;
  /** @param known the cursors of the last lines that are there; asked for only where it matters */
  take(batch: Batch, known: () => ReadonlySet<string>): Taken;
}

const lastCursor = (entries: readonly LogEntry[]): string | undefined =>
  entries.findLast((entry) => 'cursor' in entry)?.cursor;

/** Lines without a number in between, where nobody said how many were left out. */
const holeBefore = (position: LogPosition, batch: Batch, first: LogEntry | undefined): number => {
  if (first === undefined || batch.epoch !== position.epoch || batch.dropped === null) return 0;
  return Math.max(0, first.seq - position.seq - 1 - batch.dropped);
};

const newOf = (entries: readonly LogEntry[], known: ReadonlySet<string>): readonly LogEntry[] =>
  entries.filter((entry) => !('cursor' in entry) || !known.has(entry.cursor));

export const makeResume = (): Resume => {
  let position: LogPosition | undefined;
  return {
    position: () => position,
    take: (batch, known) => {
      const before = position;
      const isSame = before !== undefined && before.epoch === batch.epoch;
      const entries = isSame
        ? batch.lines.filter(({ seq }) => seq > before.seq)
        : before === undefined
          ? batch.lines
          : newOf(batch.lines, known());
      const overlaps = !isSame && entries.length < batch.lines.length;
      const isAnew = before !== undefined && !isSame && batch.fresh === true && !overlaps;
      const hole = before === undefined ? 0 : holeBefore(before, batch, entries[0]);
      const missing = batch.dropped === null ? null : batch.dropped + hole;
      const cursor = lastCursor(batch.lines) ?? before?.cursor;
      position = {
        epoch: batch.epoch,
        seq: Math.max(batch.through, batch.lines.at(-1)?.seq ?? 0, isSame ? before.seq : 0),
        ...(cursor === undefined ? {} : { cursor }),
      };
      return { entries, missing: isAnew ? 0 : missing, isAnew };
    },
  };
};

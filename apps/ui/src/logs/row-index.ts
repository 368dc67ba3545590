/** The lines that are shown and those that match the search, kept up to date as lines come and go. */
import { passes, type Filter } from './filter.ts';
import { isMatch } from './matches.ts';
import { makeNumberQueue, type NumberQueue } from './number-queue.ts';
import type { Ring } from '../terminal/ring.ts';
import { shownOf, type LineRow, type Row } from './row.ts';

export interface Wanted {
  readonly filter: Filter;
  readonly matcher: RegExp | undefined;
  /** Lines that do not match are not shown. */
  readonly onlyMatches: boolean;
  /** What came before it was cleared away. */
  readonly from: number;
}

/** No line is left out. */
export const isEverything = ({ filter, matcher, onlyMatches, from }: Wanted): boolean =>
  filter.level === undefined &&
  filter.units.size === 0 &&
  filter.stream === undefined &&
  (matcher === undefined || !onlyMatches) &&
  from === Number.NEGATIVE_INFINITY;

export interface RowIndex {
  /** Numbers of the ring, rising. */
  readonly visible: NumberQueue;
  readonly matches: NumberQueue;
  /** How many of those that are shown are lines, and not notes between them. */
  lines(): number;
  /** After lines came at the end, or went at the beginning. */
  sync(): void;
  /** After the lines from here on have become others. */
  forgetFrom(number: number): void;
  /** After something else is wanted, or lines came at the beginning. */
  rebuild(wanted?: Wanted): void;
  readonly wanted: Wanted;
}

const matches = (matcher: RegExp, row: LineRow): boolean =>
  isMatch(matcher, shownOf(row).plain) || isMatch(matcher, row.event.target);

export const makeRowIndex = (ring: Ring<Row>, first: Wanted): RowIndex => {
  const visible = makeNumberQueue();
  const found = makeNumberQueue();
  let wanted = first;
  let seen = ring.first;

  const consider = (number: number, row: Row): void => {
    if (row.kind === 'note') {
      visible.push(number);
      return;
    }
    if (!passes(wanted.filter, row)) return;
    const isFound = wanted.matcher !== undefined && matches(wanted.matcher, row);
    if (isFound) found.push(number);
    if (isFound || !wanted.onlyMatches || wanted.matcher === undefined) visible.push(number);
  };
  const sync = (): void => {
    const from = Math.max(ring.first, wanted.from);
    visible.dropBelow(from);
    found.dropBelow(from);
    seen = Math.max(seen, from);
    for (; seen < ring.end; seen += 1) {
      const row = ring.at(seen);
      if (row !== undefined) consider(seen, row);
    }
  };
  return {
    visible,
    lines: () => {
      let count = 0;
      for (let position = 0; position < visible.length; position += 1) {
        if (ring.at(visible.at(position) ?? ring.end)?.kind === 'line') count += 1;
      }
      return count;
    },
    matches: found,
    get wanted() {
      return wanted;
    },
    sync,
    forgetFrom: (number) => {
      visible.dropFrom(number);
      found.dropFrom(number);
      seen = Math.min(seen, number);
    },
    rebuild: (changed = wanted) => {
      wanted = changed;
      visible.clear();
      found.clear();
      seen = ring.first;
      sync();
    },
  };
};

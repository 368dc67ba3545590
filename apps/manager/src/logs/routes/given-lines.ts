/** What a query has given already, of which the hub may give the last again. */
import type { LogItem } from '../read/log-reader.ts';

/** Of what the query has given: those that the hub may give again are among the last. */
const MAX_REMEMBERED = 20_000;

export interface Given {
  readonly cursors: Set<string>;
  /** When it comes, there is no more of them; a cursor that comes later is another line's. */
  last: string | undefined;
}

export const nothingGiven = (): Given => ({ cursors: new Set(), last: undefined });

export const noteGiven = (given: Given, items: readonly LogItem[]): void => {
  for (const item of items) {
    if (item.kind !== 'line') continue;
    given.last = item.line.cursor;
    given.cursors.add(given.last);
  }
  for (const oldest of given.cursors) {
    if (given.cursors.size <= MAX_REMEMBERED) break;
    given.cursors.delete(oldest);
  }
};

/** Each once. */
export const isGiven = ({ cursors, last }: Given, cursor: string): boolean => {
  const isOne = cursors.delete(cursor);
  if (cursor === last) cursors.clear();
  return isOne;
};

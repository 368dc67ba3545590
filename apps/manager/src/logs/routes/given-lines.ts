/** What a query has given already, of which the hub may give the last again. */
import type { LogEvent } from '@innkeeper/protocol';
import { makeLineFilter } from '../line-filter.ts';
import type { LogItem } from '../read/log-reader.ts';
import type { LogQuestion } from '../upstream/log-target.ts';

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

/**
 * Whether it ended behind the line that was the last before it was asked, undefined where there was
 * none: what it gave then comes in the stream of the hub as well. Where that line was none that it
 * would have given, nobody knows.
 */
export const isPast = (
  { cursors, last }: Given,
  before: LogEvent | undefined,
  { since, level, unit, grep }: Omit<LogQuestion, 'follow' | 'until'>,
): boolean => {
  if (last === undefined || last === before?.cursor) return false;
  if (before === undefined || cursors.has(before.cursor)) return true;
  if (since !== undefined && (before.timestamp ?? since) < since) return false;
  return makeLineFilter({ level, unit, grep })?.(before) ?? true;
};

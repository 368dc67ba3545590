/** What an agent calls a line, where somebody else brings it along. */
import type { LogSource } from '@innkeeper/protocol';

const CURSOR = /^[\x21-\x7e]{1,300}$/u;

/** Whoever gives it, it becomes a header of a request of ours. */
export const isCursor = (text: string): boolean => CURSOR.test(text);

/** Of the journal, in microseconds since 1970, hexadecimal. */
const JOURNAL_TIME = /;t=([\da-f]{1,14});/u;
const MAX_AGE_MS = 3_600_000;
/** Between a line and the one after it nothing may have happened for a moment. */
const SLACK_MS = 60_000;

const prefixesOf = (source: LogSource | undefined): readonly string[] => {
  switch (source) {
    case undefined:
      // A machine's own choice is its journal or a file; an agent would follow any other cursor.
      return ['s=', 'f='];
    case 'journal':
      return ['s='];
    case 'kmsg':
      return ['k='];
    case 'agent':
      return ['a='];
    default:
      return ['f='];
  }
};

/**
 * Whoever brings a cursor has written its time as well. A stream that was opened there must not begin
 * with a line that is older than this.
 */
export const notBefore = (now: number): number => now - MAX_AGE_MS - SLACK_MS;

/**
 * Whether a stream that others will share may be opened behind this line: it is of that source, and
 * not so long ago that everybody would have to wait for hours of lines.
 */
export const mayOpenAt = (cursor: string, source: LogSource | undefined, now: number): boolean => {
  if (!isCursor(cursor) || !prefixesOf(source).some((prefix) => cursor.startsWith(prefix))) {
    return false;
  }
  const time = JOURNAL_TIME.exec(cursor)?.[1];
  return time === undefined || now - Number.parseInt(time, 16) / 1000 <= MAX_AGE_MS;
};

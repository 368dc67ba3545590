/** Lines of a log for tests. */
import type { LogEvent, LogLine, LogMark } from '@innkeeper/protocol';

export const makeEvent = (cursor: string, changes: Partial<LogEvent> = {}): LogEvent => ({
  timestamp: 1_000,
  level: 'info',
  target: 'web.service',
  message: `line ${cursor}`,
  fields: {},
  cursor,
  ...changes,
});

/** Its cursor is `c` and its number. */
export const makeLine = (seq: number, changes: Partial<LogEvent> = {}): LogLine => ({
  ...makeEvent(`c${seq}`, { timestamp: 1_000 + seq, ...changes }),
  seq,
});

export const makeMark = (seq: number, mark: LogMark['mark'], count: number | null): LogMark => ({
  seq,
  mark,
  at: 1_000 + seq,
  count,
});

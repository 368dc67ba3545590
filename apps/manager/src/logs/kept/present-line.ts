/** Kept lines as the API shows them. */
import type { LogEvent } from '@innkeeper/protocol';
import { KEPT_FOR, LEVELS, STREAMS } from './kept-row.ts';
import type { KeptLogRow } from './sql/search-kept-logs.ts';

/** What the agent has sent, as far as it was kept. */
export const toLogEvent = (row: KeptLogRow): LogEvent => {
  const stream = row.stream === null ? undefined : STREAMS[row.stream];
  return {
    timestamp: row.guest_ms,
    level: LEVELS[row.level] ?? 'info',
    target: row.target,
    message: row.message,
    fields: row.pid === null ? row.fields : { ...row.fields, _PID: String(row.pid) },
    cursor: row.cursor,
    ...(stream !== undefined && { stream }),
    ...(row.cut_bytes !== null && { cut_bytes: row.cut_bytes }),
  };
};

export const keptForOf = (row: KeptLogRow): (typeof KEPT_FOR)[number] =>
  KEPT_FOR[row.kept_for] ?? 'level';

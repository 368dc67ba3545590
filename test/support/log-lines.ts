/** Log lines for tests, with what a test leaves out made up. */
import type { LogEvent } from '@innkeeper/protocol';
import { toKeptRow, type KeptRow } from '../../apps/manager/src/logs/kept/kept-row.ts';

export const LOG_START = Date.UTC(2026, 10, 20, 12, 30);

/** The nth line of a journal, a second after the one before. */
export const makeLogEvent = (number: number, changes: Partial<LogEvent> = {}): LogEvent => ({
  timestamp: LOG_START + number * 1_000,
  level: 'warn',
  target: 'app.service',
  message: `line ${number}`,
  fields: { _PID: '812', SYSLOG_IDENTIFIER: 'app' },
  cursor: `s=1;i=${number.toString(16)}`,
  ...changes,
});

export const makeKeptRow = (
  vmKey: number,
  number: number,
  changes: Partial<LogEvent> = {},
): KeptRow =>
  toKeptRow(makeLogEvent(number, changes), {
    vmKey,
    source: undefined,
    receivedAt: LOG_START + number * 1_000 + 5,
    keptFor: 'level',
    oldest: 0,
  });

/** A line of `journalctl -o json --all` as a log line. */
import type { LogEvent } from '@innkeeper/protocol';
import { INFO, levelOf, makeSimpleRecord, type LogRecord } from '../logs/log-record.ts';
import type { TextCodec } from '../platform/platform.ts';

/** Text, or an array of bytes where it is none; of a field given twice the first. */
const textOf = (value: unknown, text: TextCodec): string | undefined => {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const bytes = value.filter((item): item is number => typeof item === 'number');
  if (bytes.length === value.length) return text.decodeUtf8(Uint8Array.from(bytes));
  return textOf(value[0], text);
};

const PRIORITY = /^[0-7]$/u;

/** Undefined for what is no entry. */
export const parseJournalctlLine = (line: string, text: TextCodec): LogRecord | undefined => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const all = new Map(
    Object.entries(parsed).map(([name, value]) => [name, textOf(value, text) ?? '']),
  );
  const cursor = all.get('__CURSOR');
  const realtimeUs = Number(all.get('__REALTIME_TIMESTAMP'));
  if (cursor === undefined || !Number.isSafeInteger(realtimeUs)) return undefined;
  const priorityText = all.get('PRIORITY') ?? '';
  const priority = PRIORITY.test(priorityText) ? Number(priorityText) : INFO;
  const target = all.get('_SYSTEMD_UNIT') ?? all.get('SYSLOG_IDENTIFIER') ?? all.get('_COMM') ?? '';
  const fields = [...all].filter(([name]) => name !== 'MESSAGE' && !name.startsWith('__'));
  const event: LogEvent = {
    timestamp: Math.floor(realtimeUs / 1000),
    level: levelOf(priority),
    target: target.slice(0, 1000),
    message: all.get('MESSAGE') ?? '',
    fields: Object.fromEntries(fields),
    cursor,
    ...(all.get('_TRANSPORT') === 'stdout' && { stream: 'stdout' as const }),
  };
  return makeSimpleRecord(event, priority);
};

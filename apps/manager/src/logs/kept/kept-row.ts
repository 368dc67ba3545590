/**
 * A line as table kept_log has it: bounded, in text that Postgres takes, and with a time that the
 * order can rely on. What a guest says is hostile.
 */
import { logLevelSchema, type LogEvent, type LogLevel, type LogSource } from '@innkeeper/protocol';

export const KEPT_FOR = ['level', 'last_words'] as const;
export const STREAMS = ['stdout', 'stderr'] as const;
/** As the columns have them: their places in these lists. */
export const LEVELS = logLevelSchema.options;
export const levelNumber = (level: LogLevel): number => LEVELS.indexOf(level);

/** Of a question for this level and worse. As at the agent, `debug` and `trace` mean all of it. */
export const leastLevel = (level: LogLevel | undefined): number =>
  level === undefined || level === 'debug' ? 0 : levelNumber(level);

export interface KeptRow {
  readonly vmKey: number;
  /** The order of the lines, unix milliseconds. */
  readonly ts: number;
  readonly receivedAt: number;
  readonly guestTs: number | undefined;
  readonly pid: number | undefined;
  readonly cutBytes: number | undefined;
  readonly level: number;
  readonly stream: number | undefined;
  readonly keptFor: number;
  readonly target: string;
  readonly message: string;
  readonly cursor: string;
  readonly source: string | undefined;
  /** JSON. */
  readonly fields: string;
  /** About what it takes in memory and in the table. */
  readonly bytes: number;
}

export interface LineFacts {
  readonly vmKey: number;
  readonly source: LogSource | undefined;
  readonly receivedAt: number;
  readonly keptFor: (typeof KEPT_FOR)[number];
  /** Times before this are no times of this line. */
  readonly oldest: number;
}

const MAX_TARGET = 1_000;
/** A stack trace fits; 64 KiB, which an agent sends at most, would be a hundred lines' worth. */
const MAX_MESSAGE = 16 * 1024;
const MAX_FIELDS = 64;
const MAX_FIELD = 1_024;
const MAX_FIELDS_JSON = 8 * 1024;
/** What a clock may be ahead by. */
const AHEAD_MS = 60_000;
/** Beside the texts: columns, the row's head, two entries of indexes. */
const ROW_BYTES = 220;

/**
 * What the journal says with each line and nobody looks for here: a fifth of a row. The boot is in
 * the cursor, the machine is the VM, the pid and the unit have columns.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  '_PID',
  '_BOOT_ID',
  '_MACHINE_ID',
  '_HOSTNAME',
  '_CAP_EFFECTIVE',
  '_SELINUX_CONTEXT',
  '_STREAM_ID',
  '_SYSTEMD_SLICE',
  // Whoever reads it back as a key of an object would not get it.
  '__proto__',
]);

const UNSTORABLE = /[\0\p{Cs}]/u;

/** NUL and halves of surrogate pairs become U+FFFD, as bytes that are no UTF-8 do at the agent. */
export const cleanText = (text: string): string =>
  UNSTORABLE.test(text) ? text.replaceAll(/[\0\p{Cs}]/gu, '\u{FFFD}') : text;

const cleanValue = (value: unknown): string | number | boolean | null => {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return cleanText(text.length > MAX_FIELD ? `${text.slice(0, MAX_FIELD)}\u2026` : text);
};

const fieldsJson = (fields: LogEvent['fields']): string => {
  const parts: string[] = [];
  let length = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (LEFT_OUT.has(name) || value === undefined) continue;
    const part = `${JSON.stringify(cleanText(name.slice(0, MAX_FIELD)))}:${JSON.stringify(cleanValue(value))}`;
    length += part.length + 1;
    if (parts.length === MAX_FIELDS || length > MAX_FIELDS_JSON) break;
    parts.push(part);
  }
  return `{${parts.join(',')}}`;
};

const pidOf = (value: unknown): number | undefined => {
  const pid = typeof value === 'string' && /^\d{1,9}$/u.test(value) ? Number(value) : value;
  return typeof pid === 'number' && Number.isInteger(pid) && pid > 0 && pid < 2 ** 31
    ? pid
    : undefined;
};

/** Says which times can be true: not those of a clock that has never been set, or is far ahead. */
const orderOf = (timestamp: number | null, { receivedAt, oldest }: LineFacts): number =>
  timestamp !== null && timestamp >= oldest && timestamp <= receivedAt + AHEAD_MS
    ? timestamp
    : receivedAt;

/** Past the year 9999 or before 1 Postgres does not take it, and nobody needs it. */
const MAX_MS = Date.UTC(9999, 0);

export const toKeptRow = (line: LogEvent, facts: LineFacts): KeptRow => {
  const isLong = line.message.length > MAX_MESSAGE;
  const message = cleanText(isLong ? `${line.message.slice(0, MAX_MESSAGE)}\u2026` : line.message);
  const cutHere = isLong ? Buffer.byteLength(line.message.slice(MAX_MESSAGE)) : 0;
  const cutBytes = (line.cut_bytes ?? 0) + cutHere;
  const target = cleanText(line.target.slice(0, MAX_TARGET));
  const cursor = cleanText(line.cursor);
  const fields = fieldsJson(line.fields);
  const { timestamp, stream } = line;
  return {
    vmKey: facts.vmKey,
    ts: orderOf(timestamp, facts),
    receivedAt: facts.receivedAt,
    guestTs: timestamp === null || timestamp < 0 || timestamp > MAX_MS ? undefined : timestamp,
    pid: pidOf(line.fields['_PID'] ?? line.fields['pid']),
    cutBytes: cutBytes === 0 ? undefined : Math.min(cutBytes, 2 ** 31 - 1),
    level: levelNumber(line.level),
    stream: stream === undefined ? undefined : STREAMS.indexOf(stream),
    keptFor: KEPT_FOR.indexOf(facts.keptFor),
    target,
    message,
    cursor,
    source: facts.source,
    fields,
    bytes: ROW_BYTES + target.length + message.length + cursor.length + fields.length,
  };
};

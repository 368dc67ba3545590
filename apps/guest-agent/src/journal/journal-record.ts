/** An entry of the journal as a log line: https://systemd.io/JOURNAL_EXPORT_FORMATS/ names the fields. */
import { formatCursor, type JournalEntry, type JournalFile } from '@innkeeper/journal';
import { formatEvent, type LogRecord } from '../logs/log-record.ts';
import type { JournalField } from './journal-field.ts';
import {
  addJson,
  isPlain,
  shareFields,
  targetOf,
  type KnownFields,
  type SharedFields,
} from './shared-fields.ts';

/** What `journalctl -u` takes for a line of a unit: its own, the manager's about it, its core dumps. */
const isOfUnit = (known: Readonly<KnownFields>, units: ReadonlySet<string>): boolean => {
  const has = (field: JournalField | undefined): boolean =>
    field !== undefined && units.has(field.text);
  return (
    has(known._SYSTEMD_UNIT) ||
    has(known._SYSTEMD_USER_UNIT) ||
    (has(known.UNIT) && known._PID?.text === '1') ||
    has(known.COREDUMP_UNIT) ||
    has(known.OBJECT_SYSTEMD_UNIT) ||
    units.has(targetOf(known))
  );
};

interface Parts {
  readonly fields: SharedFields;
  /** Of all fields but the message. */
  readonly json: string;
  readonly omitted: number;
  readonly message: JournalField | undefined;
}

/** Whether one of the fields before it has its name. */
const hasBefore = (own: readonly JournalField[], end: number): boolean => {
  const name = own[end]?.name;
  for (let at = 0; at < end; at += 1) if (own[at]?.name === name) return true;
  return false;
};

/** Nearly always an entry brings a message and some numbers, and the rest is known. */
const putTogether = (shared: SharedFields, own: readonly JournalField[]): Parts => {
  let { json, omitted } = shared;
  let message = shared.known.MESSAGE;
  for (let at = 0; at < own.length; at += 1) {
    const field = own[at];
    if (field === undefined) continue;
    if (!isPlain(field) || shared.names.has(field.name) || hasBefore(own, at)) {
      const fields = shareFields(own, shared);
      return { ...fields, fields, message: fields.known.MESSAGE };
    }
    if (field.name === 'MESSAGE') message = field;
    const longer = addJson(json, field);
    if (longer === undefined) omitted += 1;
    else json = longer;
  }
  return { fields: shared, json, omitted, message };
};

/** Its functions are shared by all records: closures of its own would cost as much as all the rest. */
interface JournalRecord extends LogRecord {
  readonly entry: JournalEntry;
  readonly parts: Parts;
  readonly message: string;
  formatted: string | undefined;
}

const formatRecord = ({ entry, parts, message, timeMs }: JournalRecord): string => {
  const { fields, json, omitted, message: said } = parts;
  const cursor = formatCursor(entry);
  const stream = fields.known._TRANSPORT?.text === 'stdout' ? ',"stream":"stdout"' : '';
  const more = omitted > 0 ? `,"_OMITTED_FIELDS":"${omitted}"` : '';
  const cutBytes = said?.cutBytes ?? 0;
  const cut = cutBytes > 0 ? `,"cut_bytes":${cutBytes}` : '';
  const event =
    `{"timestamp":${timeMs},${fields.head},"message":${JSON.stringify(message)}` +
    `,"fields":{${json}${more}},"cursor":"${cursor}"${stream}${cut}}`;
  return formatEvent('log', event, cursor);
};

function recordIsOfUnit(this: JournalRecord, units: ReadonlySet<string>): boolean {
  return isOfUnit(this.parts.fields.known, units);
}

function recordContains(this: JournalRecord, needle: string): boolean {
  return this.message.toLowerCase().includes(needle);
}

function recordToEvent(this: JournalRecord): string {
  return (this.formatted ??= formatRecord(this));
}

export const makeJournalRecord = (
  entry: JournalEntry,
  file: Pick<JournalFile<JournalField, SharedFields>, 'contents'>,
): LogRecord => {
  const { shared, own, lost } = file.contents(entry);
  const parts = putTogether(shared, own);
  const record: JournalRecord = {
    entry,
    parts,
    message: parts.message?.text ?? (lost > 0 ? '[damaged: cannot be read]' : ''),
    priority: parts.fields.priority,
    timeMs: Math.floor(entry.realtimeUs / 1000),
    formatted: undefined,
    isOfUnit: recordIsOfUnit,
    contains: recordContains,
    toEvent: recordToEvent,
  };
  return record;
};

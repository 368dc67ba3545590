/** An entry of the journal as a log line: https://systemd.io/JOURNAL_EXPORT_FORMATS/ names the fields. */
import { formatCursor, type JournalEntry, type JournalFile } from '@innkeeper/journal';
import { formatEvent, INFO, levelOf, type LogRecord } from '../logs/log-record.ts';
import type { JournalField } from './journal-field.ts';

const PRIORITY = /^[0-7]$/u;
const MAX_TARGET = 1_000;

interface Known {
  MESSAGE?: JournalField;
  PRIORITY?: JournalField;
  SYSLOG_IDENTIFIER?: JournalField;
  _COMM?: JournalField;
  _PID?: JournalField;
  _SYSTEMD_UNIT?: JournalField;
  _SYSTEMD_USER_UNIT?: JournalField;
  _TRANSPORT?: JournalField;
  COREDUMP_UNIT?: JournalField;
  OBJECT_SYSTEMD_UNIT?: JournalField;
  UNIT?: JournalField;
}

const NAMES: ReadonlyMap<string, keyof Known> = new Map([
  ['MESSAGE', 'MESSAGE'],
  ['PRIORITY', 'PRIORITY'],
  ['SYSLOG_IDENTIFIER', 'SYSLOG_IDENTIFIER'],
  ['_COMM', '_COMM'],
  ['_PID', '_PID'],
  ['_SYSTEMD_UNIT', '_SYSTEMD_UNIT'],
  ['_SYSTEMD_USER_UNIT', '_SYSTEMD_USER_UNIT'],
  ['_TRANSPORT', '_TRANSPORT'],
  ['COREDUMP_UNIT', 'COREDUMP_UNIT'],
  ['OBJECT_SYSTEMD_UNIT', 'OBJECT_SYSTEMD_UNIT'],
  ['UNIT', 'UNIT'],
]);

const targetOf = (known: Known): string =>
  (known._SYSTEMD_UNIT ?? known.SYSLOG_IDENTIFIER ?? known._COMM ?? known._TRANSPORT)?.text ?? '';

/** What `journalctl -u` takes for a line of a unit: its own, the manager's about it, its core dumps. */
const isOfUnit = (known: Known, units: ReadonlySet<string>): boolean => {
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

export const makeJournalRecord = (
  entry: JournalEntry,
  file: Pick<JournalFile<JournalField>, 'field'>,
): LogRecord => {
  const known: Known = {};
  let fields = '';
  let lost = 0;
  const { dataOffsets } = entry;
  for (let at = 0; at < dataOffsets.length; at += 1) {
    const field = file.field(dataOffsets[at] ?? 0);
    if (field === undefined) {
      lost += 1;
      continue;
    }
    // journald allows a field twice; JSON does not, and the first one is what journalctl shows.
    if (field.slot.lastEntry === entry) continue;
    field.slot.lastEntry = entry;
    const name = NAMES.get(field.name);
    if (name !== undefined) known[name] = field;
    if (field.json !== '') fields += fields === '' ? field.json : `,${field.json}`;
  }
  const priorityText = known.PRIORITY?.text ?? '';
  const priority = PRIORITY.test(priorityText) ? Number(priorityText) : INFO;
  const timeMs = Math.floor(entry.realtimeUs / 1000);
  const message = known.MESSAGE?.text ?? (lost > 0 ? '[damaged: cannot be read]' : '');
  const cutBytes = known.MESSAGE?.cutBytes ?? 0;
  let formatted: string | undefined;

  const format = (): string => {
    const cursor = formatCursor(entry);
    const target = JSON.stringify(targetOf(known).slice(0, MAX_TARGET));
    const stream = known._TRANSPORT?.text === 'stdout' ? ',"stream":"stdout"' : '';
    const cut = cutBytes > 0 ? `,"cut_bytes":${cutBytes}` : '';
    const json =
      `{"timestamp":${timeMs},"level":"${levelOf(priority)}","target":${target}` +
      `,"message":${JSON.stringify(message)},"fields":{${fields}},"cursor":"${cursor}"` +
      `${stream}${cut}}`;
    return formatEvent('log', json, cursor);
  };

  return {
    priority,
    timeMs,
    isOfUnit: (units) => isOfUnit(known, units),
    contains: (needle) => message.toLowerCase().includes(needle),
    toEvent: () => (formatted ??= format()),
  };
};

/** What entries with the same fields have in common, made once for all of them. */
import { INFO, levelOf } from '../logs/log-record.ts';
import type { JournalField } from './journal-field.ts';

/** Those that a log line is made of. */
export interface KnownFields {
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

export interface SharedFields {
  readonly known: Readonly<KnownFields>;
  readonly names: ReadonlySet<string>;
  /** `"NAME":"value","NAME":"value"` */
  readonly json: string;
  /** Fields that are not in it, because there was no room. */
  readonly omitted: number;
  readonly priority: number;
  /** `"level":"info","target":"ssh.service"` */
  readonly head: string;
}

const NAMES: ReadonlyMap<string, keyof KnownFields> = new Map([
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

const PRIORITY = /^[0-7]$/u;
const MAX_TARGET = 1_000;
/** Of all fields of an entry; a program may write a thousand of them, each of any length. */
const MAX_JSON = 128 * 1024;

/** The fields with one more, or undefined where there is no room for it. */
export const addJson = (json: string, field: JournalField): string | undefined => {
  if (field.json === '') return json;
  if (json.length + field.json.length > MAX_JSON) return undefined;
  return json === '' ? field.json : `${json},${field.json}`;
};

export const targetOf = (known: Readonly<KnownFields>): string =>
  (known._SYSTEMD_UNIT ?? known.SYSLOG_IDENTIFIER ?? known._COMM ?? known._TRANSPORT)?.text ?? '';

const finish = (
  known: Readonly<KnownFields>,
  names: ReadonlySet<string>,
  json: string,
  omitted: number,
): SharedFields => {
  const priorityText = known.PRIORITY?.text ?? '';
  const priority = PRIORITY.test(priorityText) ? Number(priorityText) : INFO;
  const target = JSON.stringify(targetOf(known).slice(0, MAX_TARGET));
  const head = `"level":"${levelOf(priority)}","target":${target}`;
  return { known, names, json, omitted, priority, head };
};

/** journald allows a field twice; JSON does not, and the first one is what journalctl shows. */
export const shareFields = (fields: readonly JournalField[], from?: SharedFields): SharedFields => {
  const known: KnownFields = { ...from?.known };
  const names = new Set(from?.names);
  let json = from?.json ?? '';
  let omitted = from?.omitted ?? 0;
  for (const field of fields) {
    if (names.has(field.name)) continue;
    names.add(field.name);
    const name = NAMES.get(field.name);
    if (name !== undefined) known[name] = field;
    const longer = addJson(json, field);
    if (longer === undefined) omitted += 1;
    else json = longer;
  }
  return finish(known, names, json, omitted);
};

/** Whether an entry that has this field besides is what it was without, but for its message. */
export const isPlain = (field: JournalField): boolean =>
  field.name === 'MESSAGE' || !NAMES.has(field.name);

/**
 * A line of a log as text, for people and `less`. What it says is the guest's own text: whatever would
 * move a cursor, change a colour or turn the writing round is shown and not done.
 */
import type { LogDropped, LogEvent } from '@innkeeper/protocol';

/** Control and format characters, halves of pairs, and separators of lines. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const SHORT: Readonly<Record<string, string>> = { '\t': '\t', '\n': '\\n', '\r': '\\r' };
const MAX_NAME = 256;

const escape = (text: string): string =>
  text.replaceAll(
    UNSAFE,
    (character) =>
      SHORT[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}}`,
  );

/** Without spaces, so that the columns stay what they are. */
const word = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== ''
    ? escape(value.slice(0, MAX_NAME)).replaceAll(/\s/gu, '_')
    : undefined;

/** Past what a date can be, and for lines that say no time. */
const timeOf = (timestamp: number | null): string => {
  const date = new Date(timestamp ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? '-' : date.toISOString();
};

/** `2026-11-20T10:45:42.123Z host unit[pid]: message`; what is not known is left out. */
export const textOfLine = ({ timestamp, target, message, fields, ...line }: LogEvent): string => {
  const host = word(fields['_HOSTNAME']);
  const pid = word(fields['_PID'] ?? fields['SYSLOG_PID']);
  const unit = word(target) ?? '-';
  const who = pid === undefined ? unit : `${unit}[${pid}]`;
  const cut = line.cut_bytes === undefined ? '' : ` [${line.cut_bytes} bytes more]`;
  const start = host === undefined ? timeOf(timestamp) : `${timeOf(timestamp)} ${host}`;
  return `${start} ${who}: ${escape(message)}${cut}\n`;
};

export const textOfDropped = ({ count, reason }: LogDropped): string =>
  `# ${count === null ? 'lines' : `${count} line${count === 1 ? '' : 's'}`} missing here: ${reason}\n`;

/** What a line of a plain log file tells of itself: its time, and who says it. */
import type { LogEvent } from '@innkeeper/protocol';

const ISO = /^\[?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?\]?\s/u;
/** RFC 3164, as syslog daemons write it: no year, and the machine's own zone. */
const BSD = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) \S{1,255} ([^\s:[]{1,64})/u;
const ISO_PROGRAM = /^\S+ \S{1,255} ([^\s:[]{1,64})(?:\[\d+\])?: /u;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const DAY_MS = 86_400_000;

const isoTime = (match: RegExpExecArray, offsetSeconds: number): number | undefined => {
  const [, date = '', time = '', fraction = '', zone] = match;
  const ms = Date.parse(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
  if (Number.isNaN(ms)) return undefined;
  if (zone === undefined) return ms - offsetSeconds * 1000;
  if (zone === 'Z') return ms;
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)$/u.exec(zone) ?? [];
  const aheadMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '+' ? ms - aheadMs : ms + aheadMs;
};

const bsdTime = (
  match: RegExpExecArray,
  nowMs: number,
  offsetSeconds: number,
): number | undefined => {
  const [, name = '', day, hours, minutes, seconds] = match;
  const month = MONTHS.indexOf(name) / 3;
  if (!Number.isInteger(month) || month < 0) return undefined;
  const year = new Date(nowMs + offsetSeconds * 1000).getUTCFullYear();
  const inYear = (of: number): number =>
    Date.UTC(of, month, Number(day), Number(hours), Number(minutes), Number(seconds)) -
    offsetSeconds * 1000;
  // In January, December was last year.
  return inYear(year) > nowMs + DAY_MS ? inYear(year - 1) : inYear(year);
};

export const readFileLine = (
  line: string,
  nowMs: number,
  offsetSeconds: number,
): { readonly timeMs: number | undefined; readonly program: string | undefined } => {
  const iso = ISO.exec(line);
  if (iso !== null) {
    return { timeMs: isoTime(iso, offsetSeconds), program: ISO_PROGRAM.exec(line)?.[1] };
  }
  const bsd = BSD.exec(line);
  if (bsd === null) return { timeMs: undefined, program: undefined };
  return { timeMs: bsdTime(bsd, nowMs, offsetSeconds), program: bsd[6] };
};

const LEVELS: readonly (readonly [RegExp, LogEvent['level'], number])[] = [
  [/\b(?:fatal|panic|emerg|alert|crit(?:ical)?|error|err)\b/iu, 'error', 3],
  [/\bwarn(?:ing)?\b/iu, 'warn', 4],
  [/\b(?:debug|trace)\b/iu, 'debug', 7],
];

/** A guess by the words at the start of the line; most files say it there or nowhere. */
export const guessLevel = (line: string): readonly [LogEvent['level'], number] => {
  const start = line.slice(0, 120);
  const found = LEVELS.find(([pattern]) => pattern.test(start));
  return found === undefined ? ['info', 6] : [found[1], found[2]];
};

/** One line of any source, as filters and clients see it. */
import type { LogEvent, LogLevel } from '@innkeeper/protocol';

export interface LogRecord {
  /** As syslog counts: 0 is an emergency, 7 is for debugging. */
  readonly priority: number;
  readonly timeMs: number | undefined;
  isOfUnit(units: ReadonlySet<string>): boolean;
  /** The needle is in lower case. */
  contains(needle: string): boolean;
  /** Its event, ready to send. Made once, however many clients take it. */
  toEvent(): string;
}

export const INFO = 6;
const DEBUG = 7;

export const levelOf = (priority: number): LogLevel => {
  if (priority <= 3) return 'error';
  if (priority === 4) return 'warn';
  return priority === DEBUG ? 'debug' : 'info';
};

/** The highest priority that a level lets through. */
export const PRIORITY_OF_LEVEL: Readonly<Record<string, number>> = {
  error: 3,
  warn: 4,
  info: INFO,
  debug: DEBUG,
  trace: DEBUG,
};

/**
 * An event of a stream, https://html.spec.whatwg.org/multipage/server-sent-events.html. JSON text has
 * no line breaks, and neither has a cursor of ours.
 */
export const formatEvent = (name: string, json: string, id?: string): string =>
  id === undefined
    ? `event: ${name}\ndata: ${json}\n\n`
    : `id: ${id}\nevent: ${name}\ndata: ${json}\n\n`;

const UNIT_TYPE =
  /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/u;

/** `journalctl -u ssh` means ssh.service, `-u web@a.org` web@a.org.service, and so it does here. */
export const unitNames = (units: readonly string[]): ReadonlySet<string> =>
  new Set(units.flatMap((unit) => (UNIT_TYPE.test(unit) ? [unit] : [unit, `${unit}.service`])));

/** A record of a source whose lines are simple. */
export const makeSimpleRecord = (event: LogEvent, priority: number): LogRecord => {
  let formatted: string | undefined;
  return {
    priority,
    timeMs: event.timestamp ?? undefined,
    isOfUnit: (units) => units.has(event.target),
    contains: (needle) => event.message.toLowerCase().includes(needle),
    toEvent: () => (formatted ??= formatEvent('log', JSON.stringify(event), event.cursor)),
  };
};

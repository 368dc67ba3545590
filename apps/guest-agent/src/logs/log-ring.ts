/** The last lines of the agent's own log, for who has no other way to see them. */
import type { LogLevel, LogLine } from '../log.ts';
import type { Cancel } from '../platform/platform.ts';
import { formatEvent, type LogRecord } from './log-record.ts';
import type { LogSource } from './log-source.ts';

export interface LogRing extends LogSource {
  add(line: LogLine): void;
}

const MAX_LINES = 1_000;
const SYSLOG: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3 };
const CURSOR = /^a=([\da-z]{1,40});n=(\d{1,15})$/u;

/** Values: a record, with its closures, takes three times the memory, and is made for who asks. */
interface Kept extends Omit<LogLine, 'fields'> {
  readonly number: number;
  /** Its event, with the fields. */
  readonly json: string;
}

/** `run` tells this process from the one before a restart, whose numbers mean nothing now. */
export const makeLogRing = (run: string): LogRing => {
  const kept: Kept[] = [];
  const cursorOf = (number: number): string => `a=${run};n=${number}`;
  const recordOf = ({ number, level, timestamp, target, message, json }: Kept): LogRecord => ({
    priority: SYSLOG[level],
    timeMs: timestamp,
    isOfUnit: (units) => units.has(target),
    contains: (needle) => message.toLowerCase().includes(needle),
    toEvent: () => formatEvent('log', json, cursorOf(number)),
  });
  const listeners = new Set<(line: Kept) => void>();
  let added = 0;

  return {
    add: (line) => {
      added += 1;
      const { timestamp, level, target, message } = line;
      const item = {
        number: added,
        timestamp,
        level,
        target,
        message,
        json: JSON.stringify({ ...line, cursor: cursorOf(added) }),
      };
      kept.push(item);
      if (kept.length > MAX_LINES) kept.shift();
      for (const listener of listeners) listener(item);
    },
    open: (query, sink) => {
      const [, ofRun, number] = CURSOR.exec(query.after ?? '') ?? [];
      if (query.after !== undefined && ofRun === undefined) {
        return { ok: false, status: 422, message: "Last-Event-ID is no cursor of the agent's log" };
      }
      const after = ofRun === run ? Number(number) : 0;
      let leave: Cancel = () => undefined;
      const isWanted = (one: Kept): boolean => {
        const { timestamp: timeMs } = one;
        const isInTime = timeMs >= (query.sinceMs ?? 0) && timeMs <= (query.untilMs ?? Infinity);
        return one.number > after && isInTime && query.matches(recordOf(one));
      };
      return {
        ok: true,
        reader: {
          advance: () => {
            const gap = (kept[0]?.number ?? 1) - after - 1;
            if (query.after !== undefined && ofRun !== run) sink.missed(undefined, 'overwritten');
            else if (query.after !== undefined && gap > 0) sink.missed(gap, 'overwritten');
            const wanted = kept.filter(isWanted);
            const first = query.tail === undefined ? 0 : Math.max(0, wanted.length - query.tail);
            for (const one of wanted.slice(first)) sink.record(recordOf(one));
            if (!query.follow) return 'done';
            const listener = (line: Kept): void => {
              if (isWanted(line)) sink.record(recordOf(line));
            };
            listeners.add(listener);
            leave = () => listeners.delete(listener);
            return 'live';
          },
          close: () => leave(),
        },
      };
    },
  };
};

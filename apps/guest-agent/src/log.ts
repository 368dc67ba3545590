/**
 * The agent's own log: one JSON line each on standard error, where journald picks it up. Messages
 * are constant; what varies is a field.
 */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export interface LogLine {
  readonly timestamp: number;
  readonly level: LogLevel;
  readonly target: string;
  readonly message: string;
  readonly fields: LogFields;
}

export type Log = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

export const makeLog = (dependencies: {
  readonly level: LogLevel;
  readonly nowMs: () => number;
  readonly writeLine: (line: string) => void;
  readonly keep?: (line: LogLine) => void;
}): Log => {
  const logAt =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (RANK[level] < RANK[dependencies.level]) return;
      const timestamp = dependencies.nowMs();
      const line: LogLine = { timestamp, level, target: 'guest-agent', message, fields };
      dependencies.writeLine(JSON.stringify(line));
      dependencies.keep?.(line);
    };
  return { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') };
};

/** Structured log lines on standard error: JSON for machines, coloured lines on a terminal. */
import pino from 'pino';
import pretty from 'pino-pretty';
import type { LogFormat, LogLevel } from './config/settings.ts';
import type { Log, LogFields } from './log.ts';

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly isTerminal: boolean;
}

export interface ClosableLog extends Log {
  /** Writes out what is held back. */
  flush(): void;
}

const STANDARD_ERROR = 2;
/** Who does not read our standard error costs this much memory, and then log lines. */
const MAX_HELD_BYTES = 1024 * 1024;

/** pino takes the fields first, and errors under `err`. */
const adapt = (logger: pino.Logger): Log => {
  const write = (level: LogLevel) => (message: string, fields: LogFields | undefined) => {
    if (fields === undefined) logger[level](message);
    else logger[level](fields, message);
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
};

export const makeLog = ({ level, format, isTerminal }: LogOptions): ClosableLog => {
  const options = {
    level,
    base: {},
    messageKey: 'message',
    errorKey: 'error',
    timestamp: () => `,"timestamp":${Date.now()}`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err },
  } satisfies pino.LoggerOptions;
  if (format === 'pretty' || (format === 'auto' && isTerminal)) {
    const stream = pretty({
      destination: STANDARD_ERROR,
      sync: true,
      colorize: isTerminal,
      messageKey: 'message',
      timestampKey: 'timestamp',
      errorLikeObjectKeys: ['error'],
      translateTime: 'SYS:HH:MM:ss.l',
      singleLine: true,
    });
    return { ...adapt(pino(options, stream)), flush: () => undefined };
  }
  const destination = pino.destination({
    dest: STANDARD_ERROR,
    sync: false,
    maxLength: MAX_HELD_BYTES,
  });
  return {
    ...adapt(pino(options, destination)),
    flush: () => {
      try {
        destination.flushSync();
      } catch {
        // Not open yet, or nobody reads any more: nobody can be told.
      }
    },
  };
};

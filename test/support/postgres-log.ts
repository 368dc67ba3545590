/** A log that keeps what it is told, for tests of the database's parts. */
import type { Log, LogFields } from '../../apps/manager/src/log.ts';

export interface KeptLog extends Log {
  /** "warn the database is unavailable" */
  readonly lines: readonly string[];
  readonly fields: readonly LogFields[];
}

export const keepLog = (): KeptLog => {
  const lines: string[] = [];
  const kept: LogFields[] = [];
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push(`${level} ${message}`);
      kept.push(fields);
    };
  return {
    lines,
    fields: kept,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
};

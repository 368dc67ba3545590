/** What is asked of an agent's `GET /logs`, as path and query. */
import type { LogFilter, LogSource } from '@innkeeper/protocol';

export interface LogQuestion extends Pick<LogFilter, 'level' | 'unit' | 'grep'> {
  readonly source?: LogSource | undefined;
  readonly follow: boolean;
  readonly tail?: number | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** How many milliseconds late a line may be seen. */
  readonly pace?: number | undefined;
}

export const logTarget = (question: LogQuestion): string => {
  const { source, follow, tail, since, until, level, unit, grep, pace } = question;
  const query = new URLSearchParams({ follow: String(follow) });
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) query.append(name, String(value));
  };
  add('source', source);
  add('tail', tail);
  add('since', since);
  add('until', until);
  add('level', level);
  for (const one of unit ?? []) add('unit', one);
  add('grep', grep);
  add('pace', pace);
  return `/logs?${query.toString()}`;
};

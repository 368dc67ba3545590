/** Which source a client means, and which one it gets that names none. */
import type { LogQuery, LogSource } from './log-source.ts';
import type { NamedSource } from './log-query.ts';

export interface LogSources {
  find(named: NamedSource, query: LogQuery): LogSource;
}

export interface LogSourcesDependencies {
  readonly journal: LogSource & { exists(): boolean };
  readonly kmsg: LogSource;
  readonly agent: LogSource;
  readonly file: (path: string) => LogSource;
  readonly exists: (path: string) => boolean;
}

/** Where syslog daemons of systems without systemd write everything. */
const SYSLOG_FILES = ['/var/log/messages', '/var/log/syslog'] as const;

export const makeLogSources = (dependencies: LogSourcesDependencies): LogSources => {
  const { journal, kmsg, agent, file, exists } = dependencies;

  /** A client that resumes goes on with the source that its cursor is of. */
  const byCursor = (cursor: string): LogSource | undefined => {
    if (cursor.startsWith('s=')) return journal;
    if (cursor.startsWith('k=')) return kmsg;
    return cursor.startsWith('a=') ? agent : undefined;
  };

  const byDefault = (): LogSource => {
    if (journal.exists()) return journal;
    const path = SYSLOG_FILES.find((one) => exists(one));
    return path === undefined ? kmsg : file(path);
  };

  return {
    find: (named, { after }) => {
      switch (named?.kind) {
        case 'journal':
          return journal;
        case 'kmsg':
          return kmsg;
        case 'agent':
          return agent;
        case 'file':
          return file(named.path);
        default:
          return (after === undefined ? undefined : byCursor(after)) ?? byDefault();
      }
    },
  };
};

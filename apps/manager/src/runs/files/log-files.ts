/**
 * The files of all executions that are not over yet. What was written to the database is appended
 * soon after; a disk that is slow or full delays nobody.
 */
import type { Queryable } from '../../database/database.ts';
import type { Log } from '../../log.ts';
import type { ExecutionRecord, RunRecord, StoredEvent } from '../run-record.ts';
import { makeLogFile, type LogFile } from './log-file.ts';
import { pruneFiles } from './prune-files.ts';

export interface LogFilesStats {
  readonly open: number;
  readonly ended: number;
  readonly pruned: number;
  readonly failures: number;
}

export interface LogFiles {
  /** From now on. */
  follow(run: RunRecord, executions: readonly ExecutionRecord[]): void;
  written(events: readonly StoredEvent[]): void;
  stats(): LogFilesStats;
  /** Ends what can be ended by then. */
  stop(withinMs: number): Promise<void>;
}

const WORKERS = 4;

export const makeLogFiles = ({
  database,
  root,
  filesPerVm,
  log,
}: {
  readonly database: Queryable;
  readonly root: string;
  readonly filesPerVm: number;
  readonly log: Log;
}): LogFiles => {
  const counters = { ended: 0, pruned: 0, failures: 0 };
  const files = new Map<number, LogFile>();
  const dirty = new Set<number>();
  /** At work: whoever is dirty again has to wait for its end. */
  const busy = new Set<number>();
  const workers = new Set<Promise<void>>();
  let isStopped = false;
  let hasFailed = false;

  const work = async (key: number, file: LogFile): Promise<void> => {
    try {
      await file.catchUp();
      if (!file.isEnded()) return;
      files.delete(key);
      counters.ended += 1;
      counters.pruned += await pruneFiles(file.folder, filesPerVm);
      hasFailed = false;
    } catch (error) {
      counters.failures += 1;
      files.delete(key);
      if (!hasFailed) log.warn('the log of a command cannot be written', { root, error });
      hasFailed = true;
    }
  };

  const next = (): number | undefined => {
    for (const key of dirty) if (!busy.has(key)) return key;
    return undefined;
  };

  const runWorker = async (): Promise<void> => {
    for (let key = next(); key !== undefined && !isStopped; key = next()) {
      dirty.delete(key);
      const file = files.get(key);
      if (file === undefined) continue;
      busy.add(key);
      await work(key, file);
      busy.delete(key);
    }
  };

  const pump = (): void => {
    if (isStopped || workers.size >= WORKERS || next() === undefined) return;
    const worker = runWorker().finally(() => {
      workers.delete(worker);
      pump();
    });
    workers.add(worker);
    pump();
  };

  return {
    follow: (run, executions) => {
      for (const execution of executions) {
        if (execution.endedAt !== undefined) continue;
        files.set(execution.key, makeLogFile(database, root, run, execution));
      }
    },
    written: (events) => {
      for (const { executionKey, kind } of events) {
        if (executionKey === undefined || kind === 'progress' || !files.has(executionKey)) continue;
        dirty.add(executionKey);
      }
      pump();
    },
    stats: () => ({ ...counters, open: files.size }),
    stop: async (withinMs) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs);
      });
      const drained = (async () => {
        while (workers.size > 0) await Promise.all(workers);
      })();
      await Promise.race([drained, late]);
      clearTimeout(timer);
      isStopped = true;
      await Promise.all(workers);
    },
  };
};

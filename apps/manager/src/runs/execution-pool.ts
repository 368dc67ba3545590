/** The executions of one run that are under way, each with its session. */
import type { Log } from '../log.ts';
import {
  startSession,
  type ExecutionSession,
  type SessionDependencies,
  type SessionEnd,
} from './execution-session.ts';
import type { ExecutionRecord, RunRecord } from './run-record.ts';
import type { RunReporter } from './run-reporter.ts';

export interface ExecutionPool {
  size(): number;
  get(record: ExecutionRecord): ExecutionSession | undefined;
  begin(record: ExecutionRecord): void;
  /** Leaves what runs in guests alone. */
  close(): Promise<void>;
}

/** `failed`: a mistake of ours, which was logged. */
export type PoolEnd = SessionEnd | 'failed';

export const makeExecutionPool = (
  dependencies: SessionDependencies & { readonly log: Log },
  run: RunRecord,
  reporter: RunReporter,
  onEnd: (record: ExecutionRecord, end: PoolEnd) => void,
): ExecutionPool => {
  const sessions = new Map<ExecutionRecord, ExecutionSession>();

  const ended = (record: ExecutionRecord, end: PoolEnd): void => {
    sessions.delete(record);
    onEnd(record, end);
  };

  return {
    size: () => sessions.size,
    get: (record) => sessions.get(record),
    begin: (record) => {
      const session = startSession(dependencies, {
        run,
        record,
        body: Buffer.from(JSON.stringify({ ...run.request, id: record.id })),
        store: (taken) => reporter.store(record, taken),
        changed: () => reporter.changed(record),
      });
      sessions.set(record, session);
      session.ended.then(
        (end) => ended(record, end),
        (error: unknown) => {
          dependencies.log.error('an execution has failed', { execution_id: record.id, error });
          ended(record, 'failed');
        },
      );
    },
    close: async () => {
      await Promise.all([...sessions.values()].map(async (session) => session.close()));
    },
  };
};

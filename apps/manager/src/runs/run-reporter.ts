/** What happens in one run, numbered, on its way into the database. */
import type { RunReason, RunState } from '@innkeeper/protocol';
import { countExecutions } from './count-executions.ts';
import type { OverdueWatch } from './overdue-watch.ts';
import { presentExecution, type ExecutionRecord, type RunRecord } from './run-record.ts';
import type { RunWriter } from './run-writer.ts';
import type { Taken } from './take-event.ts';

export interface RunReporter {
  /** The record has changed in a way that people see. */
  changed(record: ExecutionRecord): void;
  /** Something has come from its agent; undefined: what only the record has. */
  store(record: ExecutionRecord, taken: Taken | undefined): void;
  finish(record: ExecutionRecord, state: ExecutionRecord['state']): void;
  /** True: this is the end of the run. */
  become(state: RunState, reason: RunReason | undefined): boolean;
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

export const makeRunReporter = (
  {
    writer,
    now,
    overdue,
  }: {
    readonly writer: Pick<RunWriter, 'add'>;
    readonly now: () => number;
    /** Looks before a change is told and written. */
    readonly overdue: Pick<OverdueWatch, 'look'>;
  },
  run: RunRecord,
  executions: readonly ExecutionRecord[],
  lastSeq: number,
): RunReporter => {
  let seq = lastSeq;
  const next = (): number => {
    seq += 1;
    return seq;
  };

  const changed = (record: ExecutionRecord): void => {
    overdue.look(record);
    const data = json(presentExecution(record));
    const { key: executionKey } = record;
    const event = { runKey: run.key, seq: next(), executionKey, at: now(), data } as const;
    writer.add({ event: { ...event, kind: 'execution' }, execution: record });
  };

  return {
    changed,
    store: (record, taken) => {
      const { key: executionKey } = record;
      const event = taken && { runKey: run.key, seq: next(), executionKey, ...taken };
      writer.add({ execution: record, ...(event !== undefined && { event }) });
    },
    finish: (record, state) => {
      record.state = state;
      record.endedAt = now();
      changed(record);
    },
    become: (state, reason) => {
      const isEnd = state === 'finished' || state === 'stopped';
      run.state = state;
      run.reason = reason;
      if (isEnd) run.endedAt = now();
      const told = { state, reason: reason ?? null };
      const event = {
        runKey: run.key,
        seq: next(),
        executionKey: undefined,
        at: now(),
        kind: 'run',
        data: json(told),
      } as const;
      const audit = {
        actor: undefined,
        action: 'run.end',
        target: { kind: 'run', id: run.id, name: run.name },
        detail: { ...told, started_by: run.actor.name, ...countExecutions(executions) },
        request: undefined,
      };
      writer.add({ event, run, ...(isEnd && { audit }) });
      return isEnd;
    },
  };
};

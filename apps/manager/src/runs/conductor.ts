/** One run until it is over: who is next, how many at once, when to pause and when to stop. */
import type { RunReason, RunState, TimeoutAnswer } from '@innkeeper/protocol';
import type { Log } from '../log.ts';
import { makeExecutionPool, type PoolEnd } from './execution-pool.ts';
import type { SessionDependencies } from './execution-session.ts';
import { makeOverdueWatch } from './overdue-watch.ts';
import { isOver, type ExecutionRecord, type RunRecord } from './run-record.ts';
import { makeRunReporter } from './run-reporter.ts';
import type { RunWriter } from './run-writer.ts';
import type { Slots } from './slots.ts';
import { makeWaitingRoom } from './waiting-room.ts';
import { whatNext } from './what-next.ts';

export interface ConductorDependencies extends SessionDependencies {
  readonly writer: RunWriter;
  readonly slots: Slots;
  readonly log: Log;
}

export interface Conductor {
  readonly run: RunRecord;
  readonly executions: readonly ExecutionRecord[];
  start(): void;
  pause(): void;
  resume(): void;
  stop(): void;
  stopExecution(execution: ExecutionRecord): void;
  /** What becomes of one that is past its timeout, or will be. */
  answerTimeout(execution: ExecutionRecord, answer: TimeoutAnswer): void;
  /** This VM's agent answers: whoever waits for it need not wait any longer. */
  agentAnswers(vmId: string): void;
  /** Leaves what runs in guests alone; settles when nothing of the run is under way here. */
  close(): Promise<void>;
}

const groupByVm = (executions: readonly ExecutionRecord[]): Map<string, ExecutionRecord[]> => {
  const byVm = new Map<string, ExecutionRecord[]>();
  for (const record of executions) {
    byVm.set(record.vmId, [...(byVm.get(record.vmId) ?? []), record]);
  }
  return byVm;
};

interface Given {
  readonly run: RunRecord;
  readonly executions: readonly ExecutionRecord[];
  readonly lastSeq: number;
  /** It is over, and nothing of it is under way. */
  readonly onEnded: () => void;
}

export const makeConductor = (dependencies: ConductorDependencies, given: Given): Conductor => {
  const { writer, slots, clock, limits } = dependencies;
  const { run, executions } = given;
  const now = (): number => clock.now();
  const overdue = makeOverdueWatch({ run, now, onOverdue: (record) => reporter.changed(record) });
  const reporter = makeRunReporter({ writer, now, overdue }, run, executions, given.lastSeq);
  const pool = makeExecutionPool(dependencies, run, reporter, (record, end) => onEnd(record, end));
  const waiting = makeWaitingRoom({ now, limits, onDue: () => pump() });
  const byVm = groupByVm(executions);
  let isCanaryPassed = executions.slice(run.canary ?? 0).some(({ state }) => state !== 'queued');
  let isClosed = false;
  let isPumping = false;

  const become = (state: RunState, reason: RunReason | undefined): void => {
    if (!reporter.become(state, reason)) return;
    isClosed = true;
    stopListening();
    waiting.stop();
    overdue.stop();
    given.onEnded();
  };

  const finish = (record: ExecutionRecord, state: ExecutionRecord['state']): void => {
    waiting.leave(record);
    reporter.finish(record, state);
  };

  const cancelQueued = (): void => {
    for (const record of executions) {
      if (record.state === 'queued' && pool.get(record) === undefined) finish(record, 'cancelled');
    }
  };

  /** Its agent did not answer, or has too much to do. */
  const postpone = (record: ExecutionRecord, why: 'later' | 'busy'): void => {
    if (record.stopRequestedAt !== undefined || run.state === 'stopping') {
      finish(record, 'cancelled');
    } else if (!waiting.wait(record, why, run.waitUntil ?? 0)) {
      finish(record, why === 'busy' ? 'refused' : 'unreachable');
    }
  };

  function onEnd(record: ExecutionRecord, end: PoolEnd): void {
    if (!isClosed && (end === 'later' || end === 'busy')) postpone(record, end);
    else waiting.leave(record);
    if (end === 'failed' && !isOver(record)) finish(record, 'lost');
    pump();
    slots.give();
  }

  const mayBegin = (record: ExecutionRecord, position: number, upTo: number): boolean =>
    !isOver(record) &&
    pool.get(record) === undefined &&
    !waiting.has(record) &&
    // What may have begun is taken up again, whatever the run does.
    (record.state !== 'queued' || position < upTo);

  const beginWhatMay = (upTo: number): void => {
    for (const [position, record] of executions.entries()) {
      if (pool.size() >= run.concurrency) return;
      if (!mayBegin(record, position, upTo)) continue;
      if (!slots.take()) return;
      pool.begin(record);
    }
  };

  function pump(): void {
    // What is done in here may call it again.
    if (isPumping) return;
    isPumping = true;
    for (let isSettled = false; !isSettled && !isClosed;) {
      const next = whatNext(run, executions, isCanaryPassed);
      isSettled = next.kind === 'go_on';
      if (next.kind === 'go_on') {
        beginWhatMay(next.upTo);
      } else {
        become(next.state, next.reason);
        if (next.state === 'stopping') cancelQueued();
      }
    }
    isPumping = false;
  }

  const stopListening = slots.onFree(() => pump());
  for (const record of executions) overdue.look(record);
  // A manager before this one was about to.
  if (run.state === 'stopping') cancelQueued();

  const stopOne = (record: ExecutionRecord): void => {
    if (isOver(record) || record.stopRequestedAt !== undefined) return;
    record.stopRequestedAt = now();
    const session = pool.get(record);
    if (session === undefined && record.state === 'queued') return finish(record, 'cancelled');
    reporter.changed(record);
    return session?.stop();
  };

  return {
    run,
    executions,
    start: pump,
    pause: () => become('paused', 'requested'),
    resume: () => {
      isCanaryPassed ||= run.reason === 'canary_failed';
      become('running', undefined);
      pump();
    },
    stop: () => {
      if (run.state !== 'stopping') become('stopping', 'requested');
      for (const record of executions) stopOne(record);
      pump();
    },
    stopExecution: (record) => {
      stopOne(record);
      pump();
    },
    answerTimeout: (record, answer) => {
      overdue.answer(record, answer);
      reporter.changed(record);
    },
    agentAnswers: (vmId) => {
      const own = byVm.get(vmId) ?? [];
      for (const record of own) pool.get(record)?.hurry();
      if (own.filter((record) => waiting.hurry(record)).length > 0) pump();
    },
    close: async () => {
      isClosed = true;
      stopListening();
      waiting.stop();
      overdue.stop();
      await pool.close();
    },
  };
};

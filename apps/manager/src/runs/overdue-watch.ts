/**
 * Sees when the commands of a run go on past their timeout, where people are asked what becomes of
 * them. What is known of it is in their records, so a manager that takes over goes on from there.
 */
import type { TimeoutAnswer } from '@innkeeper/protocol';
import { isOver, type ExecutionRecord, type RunRecord } from './run-record.ts';

export interface OverdueWatch {
  /** The record has changed, or is new here. */
  look(record: ExecutionRecord): void;
  /** Puts it into the record, which has then changed. */
  answer(record: ExecutionRecord, answer: TimeoutAnswer): void;
  stop(): void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** When people are to be asked about it; undefined: not, as it is now. Pure. */
export const askAt = (
  { askAfterSeconds }: Pick<RunRecord, 'askAfterSeconds'>,
  record: Pick<
    ExecutionRecord,
    'state' | 'startedAt' | 'stopRequestedAt' | 'extendedUntil' | 'leftAt'
  >,
): number | undefined => {
  const { state, startedAt, stopRequestedAt, extendedUntil, leftAt } = record;
  if (askAfterSeconds === undefined || startedAt === undefined) return undefined;
  if (stopRequestedAt !== undefined || leftAt !== undefined || state !== 'running') {
    return undefined;
  }
  return extendedUntil ?? startedAt + askAfterSeconds * 1000;
};

/** How long is waited from now on. */
export const spanOf = (
  { askAfterSeconds = 0 }: Pick<RunRecord, 'askAfterSeconds'>,
  { seconds = askAfterSeconds }: Extract<TimeoutAnswer, { action: 'wait' }>,
): number => seconds;

export const makeOverdueWatch = ({
  run,
  now,
  onOverdue,
}: {
  readonly run: Pick<RunRecord, 'askAfterSeconds'>;
  readonly now: () => number;
  /** The record says so already. */
  readonly onOverdue: (record: ExecutionRecord) => void;
}): OverdueWatch => {
  const timers = new Map<ExecutionRecord, NodeJS.Timeout>();
  let isStopped = false;

  const look = (record: ExecutionRecord): void => {
    clearTimeout(timers.get(record));
    timers.delete(record);
    // Nobody is asked about what has ended, or is about to.
    if (isOver(record) || record.stopRequestedAt !== undefined) record.overdueSince = undefined;
    const at = askAt(run, record);
    if (isStopped || at === undefined || record.overdueSince !== undefined) return;
    const ms = Math.min(Math.max(0, at - now()), LONGEST_TIMER_MS);
    timers.set(
      record,
      setTimeout(() => due(record), ms),
    );
  };

  const due = (record: ExecutionRecord): void => {
    const at = askAt(run, record);
    // A timer may be early by a moment, and the longest one is shorter than the longest wait.
    if (at === undefined || at > now()) return look(record);
    timers.delete(record);
    record.overdueSince = Math.round(at);
    return onOverdue(record);
  };

  return {
    look,
    answer: (record, answer) => {
      const seconds = answer.action === 'wait' ? spanOf(run, answer) : undefined;
      record.overdueSince = undefined;
      record.leftAt = seconds === undefined ? now() : undefined;
      record.extendedUntil = seconds === undefined ? undefined : Math.round(now() + seconds * 1000);
    },
    stop: () => {
      isStopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
};

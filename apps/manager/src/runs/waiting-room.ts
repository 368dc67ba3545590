/** Executions whose agents did not answer, or had too much to do, until they are tried again. */
import type { RunLimits } from './limits.ts';
import type { ExecutionRecord } from './run-record.ts';

export interface WaitingRoom {
  has(record: ExecutionRecord): boolean;
  /** False: it has waited long enough. `until`: how long it may wait for an agent to come back. */
  wait(record: ExecutionRecord, why: 'later' | 'busy', until: number): boolean;
  /** It need not wait any longer. One whose agent has too much to do waits all the same. */
  hurry(record: ExecutionRecord): boolean;
  leave(record: ExecutionRecord): void;
  stop(): void;
}

interface Visit {
  timer: NodeJS.Timeout | undefined;
  waitMs: number;
  busySince: number | undefined;
}

const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 30_000;

export const makeWaitingRoom = ({
  now,
  limits,
  onDue,
}: {
  readonly now: () => number;
  readonly limits: Pick<RunLimits, 'busyMs'>;
  readonly onDue: () => void;
}): WaitingRoom => {
  /** Kept while it is tried, since the next wait is longer. */
  const visits = new Map<ExecutionRecord, Visit>();

  const leave = (record: ExecutionRecord): void => {
    clearTimeout(visits.get(record)?.timer);
    visits.delete(record);
  };

  return {
    has: (record) => visits.get(record)?.timer !== undefined,
    wait: (record, why, until) => {
      const before = visits.get(record);
      const busySince = why === 'busy' ? (before?.busySince ?? now()) : undefined;
      const end = Math.max(until, busySince === undefined ? 0 : busySince + limits.busyMs);
      if (now() >= end) return false;
      const waitMs =
        before === undefined ? FIRST_WAIT_MS : Math.min(before.waitMs * 2, MAX_WAIT_MS);
      const visit: Visit = { timer: undefined, waitMs, busySince };
      visit.timer = setTimeout(
        () => {
          visit.timer = undefined;
          onDue();
        },
        Math.min(waitMs, end - now()),
      );
      visits.set(record, visit);
      return true;
    },
    hurry: (record) => {
      const visit = visits.get(record);
      if (visit?.timer === undefined || visit.busySince !== undefined) return false;
      clearTimeout(visit.timer);
      visit.timer = undefined;
      return true;
    },
    leave,
    stop: () => {
      for (const record of visits.keys()) leave(record);
    },
  };
};

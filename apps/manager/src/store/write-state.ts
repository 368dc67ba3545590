/**
 * Whether Postgres takes what is written, how long to wait where it does not, and one line in the
 * log for each change of that.
 */
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { describeFailure, failureKindOf } from './failure.ts';

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;
/** Of a failure that may be the data's fault or not: then the search for the culprit begins. */
const UNCLEAR_ATTEMPTS = 5;

/** Of what is written, since the manager was started. */
interface Totals {
  readonly written: number;
  readonly dropped: number;
}

export interface WriteState {
  succeeded(totals: Totals): void;
  failed(error: unknown, totals: Totals): void;
  /** Whether the rows are at fault, so that it is of no use to try them again. */
  isRefusal(error: unknown): boolean;
  refused(table: string, rows: number, error: unknown): void;
  /** Undefined: it works, there is nothing to wait for. */
  readonly retryMs: number | undefined;
  readonly problem: string | undefined;
  readonly failedAttempts: number;
  readonly lastSuccessAt: number | undefined;
}

/** `what` is written: the word for it in the log. */
export const makeWriteState = (
  clock: Pick<Clock, 'now'>,
  log: Log,
  what = 'samples',
): WriteState => {
  let failedAttempts = 0;
  let failuresInARow = 0;
  let waiting: { problem: string; before: Totals } | undefined;
  let lastSuccessAt: number | undefined;
  let isRefusing = false;
  let wasRefusing = false;

  return {
    succeeded: ({ written, dropped }) => {
      lastSuccessAt = clock.now();
      failuresInARow = 0;
      wasRefusing = isRefusing;
      isRefusing = false;
      if (waiting === undefined) return;
      const { before } = waiting;
      waiting = undefined;
      log.info(`${what} are written again`, {
        rows: written - before.written,
        dropped: dropped - before.dropped,
      });
    },
    failed: (error, totals) => {
      failedAttempts++;
      failuresInARow++;
      const problem = describeFailure(error);
      if (waiting === undefined) {
        const kind = failureKindOf(error);
        log.warn(`${what} wait in memory: Postgres does not take them`, { problem, kind });
      }
      waiting = { problem, before: waiting?.before ?? totals };
    },
    isRefusal: (error) => {
      const kind = failureKindOf(error);
      return kind === 'data' || (kind === 'unclear' && failuresInARow >= UNCLEAR_ATTEMPTS);
    },
    refused: (table, rows, error) => {
      if (!wasRefusing && !isRefusing) {
        const problem = describeFailure(error);
        log.error('Postgres refuses rows: they are dropped', { what: table, rows, problem });
      }
      isRefusing = true;
    },
    get retryMs() {
      if (failuresInARow === 0) return undefined;
      return Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (failuresInARow - 1));
    },
    get problem() {
      return waiting?.problem;
    },
    get failedAttempts() {
      return failedAttempts;
    },
    get lastSuccessAt() {
      return lastSuccessAt;
    },
  };
};

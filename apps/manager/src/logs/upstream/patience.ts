/** How long to wait before an agent is asked again: twice as long each time, up to a ceiling. */
import type { LogLimits } from '../limits.ts';

export type FailedBy = 'reconnecting' | 'refused';

export interface Patience {
  next(failedBy: FailedBy): number;
  /** What comes next is a first failure again. */
  reset(): void;
}

const MAX_DOUBLINGS = 16;

/** `random` from 0 up to 1 spreads those that have failed together. */
export const makePatience = (
  limits: Pick<LogLimits, 'retryMs' | 'maxRetryMs' | 'refusedRetryMs' | 'maxRefusedRetryMs'>,
  random: () => number,
): Patience => {
  let failures = 0;
  let last: FailedBy = 'reconnecting';
  return {
    next: (failedBy) => {
      if (failedBy !== last) failures = 0;
      last = failedBy;
      const isRefused = failedBy === 'refused';
      const first = isRefused ? limits.refusedRetryMs : limits.retryMs;
      const most = isRefused ? limits.maxRefusedRetryMs : limits.maxRetryMs;
      const ms = Math.min(most, first * 2 ** Math.min(failures, MAX_DOUBLINGS));
      failures += 1;
      return ms * (0.75 + random() / 4);
    },
    reset: () => {
      failures = 0;
    },
  };
};

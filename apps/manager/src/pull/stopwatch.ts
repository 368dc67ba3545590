/** The two ways in which a pull ends, with the time it took. */
import type { Clock } from '../clock.ts';
import type { PullFailure, PullResult } from './pull-result.ts';

export interface Stopwatch<Value> {
  succeeded(value: Value): PullResult<Value>;
  failed(failure: PullFailure): PullResult<Value>;
}

export const startStopwatch = <Value>(clock: Clock): Stopwatch<Value> => {
  const startedAt = clock.monotonicMs();
  const secondsUntil = (now: number): number => (now - startedAt) / 1000;
  return {
    succeeded: (value) => {
      const receivedMonotonicMs = clock.monotonicMs();
      return {
        ok: true,
        value,
        seconds: secondsUntil(receivedMonotonicMs),
        receivedAt: clock.now(),
        receivedMonotonicMs,
      };
    },
    failed: (failure) => ({ ok: false, failure, seconds: secondsUntil(clock.monotonicMs()) }),
  };
};

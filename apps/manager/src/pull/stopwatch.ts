/** The two ways in which a pull ends, with the time it took. */
import type { Clock } from '../clock.ts';
import type { PullFailure, PullResult } from './pull-result.ts';

/** Both times are by the monotonic clock. */
export const succeeded = <Value>(
  clock: Clock,
  startedMs: number,
  value: Value,
): PullResult<Value> => {
  const receivedMonotonicMs = clock.monotonicMs();
  return {
    ok: true,
    value,
    seconds: (receivedMonotonicMs - startedMs) / 1000,
    receivedAt: clock.now(),
    receivedMonotonicMs,
  };
};

export const failed = (
  clock: Clock,
  startedMs: number,
  failure: PullFailure,
): PullResult<never> => ({
  ok: false,
  failure,
  seconds: (clock.monotonicMs() - startedMs) / 1000,
});

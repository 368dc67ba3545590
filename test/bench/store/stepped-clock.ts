/** A clock whose time of day is set, so that minutes of samples can be written in seconds. */
import type { Clock } from '../../../apps/manager/src/clock.ts';

export interface SteppedClock extends Clock {
  set(now: number): void;
}

export const makeSteppedClock = (start: number): SteppedClock => {
  let now = start;
  return {
    now: () => now,
    monotonicMs: () => performance.now(),
    set: (time) => {
      now = time;
    },
  };
};

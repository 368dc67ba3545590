/** A clock that stands still until a test moves it. Timers fire in the order in which they are due. */
import type { Clock } from '../platform/platform.ts';

export interface FakeClock extends Clock {
  /** Lets time pass on both clocks, and fires what is due on the way. */
  advance(ms: number): void;
  /** Somebody sets the clock: only the wall clock moves, and no timer notices. */
  setWallClock(nowMs: number): void;
  /** Timers that are neither fired nor cancelled; a test ends with none. */
  pendingTimers(): number;
}

interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** 2025-10-09T08:53:20Z. */
export const START_MS = 1_760_000_000_000;

export const makeFakeClock = (): FakeClock => {
  let wallMs = START_MS;
  let passedMs = 0;
  const timers = new Set<Timer>();

  const nextDue = (untilMs: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  };

  const moveTo = (ms: number): void => {
    wallMs += ms - passedMs;
    passedMs = ms;
  };

  return {
    nowMs: () => wallMs,
    monotonicMs: () => passedMs,
    after: (delayMs, fire) => {
      const timer = { dueMs: passedMs + delayMs, fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    zone: () => ({ name: 'UTC', offsetSeconds: 0 }),
    advance: (ms) => {
      const untilMs = passedMs + ms;
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        moveTo(timer.dueMs);
        timer.fire();
      }
      moveTo(untilMs);
    },
    setWallClock: (nowMs) => {
      wallMs = nowMs;
    },
    pendingTimers: () => timers.size,
  };
};

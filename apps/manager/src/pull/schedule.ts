/**
 * When things are due: an interval is cut into slots, and each slot comes once in it. The timer does
 * not drift, since it is set by the count of slots, not by when the last one ran. After a short delay
 * the slots that were missed are run at twice the pace; after a long one (a stall, a suspended
 * machine) they are skipped, because all targets at once would only cause the next delay.
 */
import { slotsOf } from './phase.ts';

export interface Tick {
  /** Counts up from 0. */
  readonly number: number;
  /** When it should have run, and when it does, by the monotonic clock. */
  readonly dueMs: number;
  readonly nowMs: number;
}

export interface ScheduleOptions {
  readonly intervalMs: number;
  readonly monotonicMs: () => number;
  readonly onTick: (tick: Tick) => void;
  /** These ticks do not run. */
  readonly onSkipped: (first: number, count: number) => void;
}

export interface Schedule {
  /** The tick that runs next. */
  next(): number;
  start(): void;
  stop(): void;
}

export const makeSchedule = (options: ScheduleOptions): Schedule => {
  const { intervalMs, monotonicMs, onTick, onSkipped } = options;
  const { ms: slotMs } = slotsOf(intervalMs);
  const maxLateMs = Math.max(intervalMs / 2, 2 * slotMs);
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let originMs = 0;
  let number = 0;

  const dueMs = (): number => originMs + number * slotMs;

  const skipLate = (nowMs: number): void => {
    const lateMs = nowMs - dueMs();
    if (lateMs <= maxLateMs) return;
    const count = Math.floor(lateMs / slotMs);
    onSkipped(number, count);
    number += count;
  };

  const arm = (): void => {
    if (!isRunning) return;
    const waitMs = dueMs() - monotonicMs();
    // Rounded up: a timer that is a fraction early would be set again for nothing.
    timer = setTimeout(run, waitMs > 0 ? Math.ceil(waitMs) : slotMs / 2);
  };

  const run = (): void => {
    const nowMs = monotonicMs();
    skipLate(nowMs);
    const tick: Tick = { number, dueMs: dueMs(), nowMs };
    number += 1;
    try {
      onTick(tick);
    } finally {
      arm();
    }
  };

  return {
    next: () => number,
    start: () => {
      if (isRunning) throw new Error('the schedule runs already');
      isRunning = true;
      originMs = monotonicMs() + slotMs - number * slotMs;
      arm();
    },
    stop: () => {
      isRunning = false;
      clearTimeout(timer);
    },
  };
};

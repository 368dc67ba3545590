/**
 * How fast one agent is read. A guest that writes without end takes its share of the manager's time,
 * and no more: what it writes meanwhile waits on its own side, and is lost and counted there. Bytes
 * alone would not do: small lines, and such as are hard to read, cost many times as much for each.
 */

export interface Intake {
  /** `busyMs` is how much of the processor it took to make events of them. */
  took(bytes: number, busyMs: number): void;
  /** The stream is over. What it owes, the next one of this agent owes. */
  reset(): void;
}

/** So much may be owed before the agent is held: a burst of a tenth of a second is free. */
const WINDOW_MS = 100;
/** Of one piece: when the manager itself stood still, no guest has to pay for it. */
const MAX_COST_MS = 2_000;

export const makeIntake = (dependencies: {
  readonly bytesPerSecond: number;
  /** Of a core. */
  readonly timeShare: number;
  readonly monotonicMs: () => number;
  readonly pause: () => void;
  readonly resume: () => void;
}): Intake => {
  const { bytesPerSecond, timeShare, monotonicMs, pause, resume } = dependencies;
  /** When all that was taken is paid for. */
  let paidMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const goOn = (): void => {
    timer = undefined;
    // What was on its way when the agent was held has come meanwhile.
    const owedMs = paidMs - monotonicMs();
    if (owedMs > 0) timer = setTimeout(goOn, Math.ceil(owedMs));
    else resume();
  };

  return {
    took: (bytes, busyMs) => {
      const now = monotonicMs();
      const cost = Math.max((bytes / bytesPerSecond) * 1000, busyMs / timeShare);
      paidMs = Math.max(paidMs, now) + Math.min(cost, MAX_COST_MS);
      if (paidMs - now <= WINDOW_MS || timer !== undefined) return;
      pause();
      timer = setTimeout(goOn, Math.ceil(paidMs - now));
    },
    reset: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
};

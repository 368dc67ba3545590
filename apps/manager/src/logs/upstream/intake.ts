/**
 * How fast one agent is read. A guest that writes without end takes its share of the manager's time,
 * and no more: what it writes meanwhile waits on its own side, and is lost and counted there.
 */

export interface Intake {
  took(bytes: number): void;
  /** The stream is over. */
  reset(): void;
}

const WINDOW_MS = 100;

export const makeIntake = (dependencies: {
  readonly bytesPerSecond: number;
  readonly monotonicMs: () => number;
  readonly pause: () => void;
  readonly resume: () => void;
}): Intake => {
  const { monotonicMs, pause, resume } = dependencies;
  const windowBytes = (dependencies.bytesPerSecond * WINDOW_MS) / 1000;
  let startedMs = 0;
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;

  const goOn = (): void => {
    timer = undefined;
    startedMs = monotonicMs();
    bytes = 0;
    resume();
  };

  return {
    took: (taken) => {
      const now = monotonicMs();
      if (now - startedMs >= WINDOW_MS) {
        startedMs = now;
        bytes = 0;
      }
      bytes += taken;
      if (bytes <= windowBytes || timer !== undefined) return;
      pause();
      timer = setTimeout(goOn, startedMs + WINDOW_MS - now);
    },
    reset: () => {
      clearTimeout(timer);
      timer = undefined;
      bytes = 0;
    },
  };
};

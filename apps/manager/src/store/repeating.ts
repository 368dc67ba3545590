/** Runs something again and again, never twice at once. */

export interface Repeating {
  /** Runs it once more from now on: what is under way may have begun too early to see it all. */
  run(): Promise<boolean>;
  start(): void;
  /** Now, instead of when its time comes. */
  hurry(): void;
  /** No further run is begun by itself. Resolves when the one under way has ended. */
  stop(): Promise<void>;
  readonly isRunning: boolean;
}

/** `work` must not reject; `delayMs` is asked after each run. */
export const makeRepeating = (work: () => Promise<boolean>, delayMs: () => number): Repeating => {
  let running: Promise<boolean> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStarted = false;

  const begin = (): Promise<boolean> => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };

  const schedule = (ms: number): void => {
    clearTimeout(timer);
    if (!isStarted) return;
    timer = setTimeout(() => {
      void begin().then(() => schedule(delayMs()));
    }, ms);
  };

  return {
    run: async () => {
      if (running !== undefined) await running;
      return begin();
    },
    start: () => {
      isStarted = true;
      schedule(delayMs());
    },
    hurry: () => schedule(0),
    stop: async () => {
      isStarted = false;
      clearTimeout(timer);
      await running;
    },
    get isRunning() {
      return running !== undefined;
    },
  };
};

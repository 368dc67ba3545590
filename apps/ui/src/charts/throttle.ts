/** Work that is not to be done too often: at once, then again when some time has passed. */

export interface Throttle {
  run(): void;
  /** Now, whenever it was done before. */
  runNow(): void;
  stop(): void;
}

export const makeThrottle = (work: () => void, waitMs: number): Throttle => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWanted = false;

  const runNow = (): void => {
    clearTimeout(timer);
    isWanted = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isWanted) runNow();
    }, waitMs);
    work();
  };
  return {
    run: () => {
      if (timer === undefined) runNow();
      else isWanted = true;
    },
    runNow,
    stop: () => {
      clearTimeout(timer);
      isWanted = false;
    },
  };
};

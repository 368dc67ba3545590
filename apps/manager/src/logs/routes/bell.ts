/** Wakes whoever waits for something to happen in a stream. */
export const makeBell = () => {
  let ring = (): void => undefined;
  let hasRung = false;
  return {
    ring: (): void => {
      hasRung = true;
      ring();
    },
    /** False: nothing has happened for so long. */
    wait: async (ms: number, signal: AbortSignal): Promise<boolean> => {
      if (!hasRung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(done, ms);
          function done(): void {
            clearTimeout(timer);
            signal.removeEventListener('abort', done);
            resolve();
          }
          ring = done;
          signal.addEventListener('abort', done, { once: true });
        });
      }
      const answer = hasRung;
      hasRung = false;
      return answer;
    },
  };
};

export type Bell = ReturnType<typeof makeBell>;

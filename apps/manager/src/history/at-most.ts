/**
 * Lets so many pieces of work run at once, and some wait for their turn. Readers of histories share
 * the connections with the writer, which must not have to wait behind all of them.
 */

export interface AtMost {
  /** Undefined: too many wait already, and the work was not begun. */
  run<Value>(work: () => Promise<Value>): Promise<Value | undefined>;
}

export const makeAtMost = (running: number, waiting: number): AtMost => {
  let free = running;
  const queue: (() => void)[] = [];

  const leave = (): void => {
    const next = queue.shift();
    if (next === undefined) free++;
    else next();
  };

  return {
    run: async (work) => {
      if (free > 0) free--;
      else if (queue.length >= waiting) return undefined;
      else {
        await new Promise<void>((resolve) => {
          queue.push(resolve);
        });
      }
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
};

/** What was started and is to be stopped, in reverse order, within a time for all of it. */
import type { Log } from '../log.ts';

export interface Releasers {
  add(name: string, release: () => void | Promise<void>): void;
  /** Each is tried, whatever becomes of the others; false: not all of them ended in time. */
  releaseAll(withinMs: number): Promise<boolean>;
}

export const makeReleasers = (log: Log, monotonicMs: () => number): Releasers => {
  const entries: { readonly name: string; readonly release: () => void | Promise<void> }[] = [];

  /** False: it takes longer than there is time. What comes after it is stopped all the same. */
  const releaseOne = async (name: string, release: () => void | Promise<void>, ms: number) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), Math.max(0, ms));
    });
    const released = Promise.resolve()
      .then(release)
      .then(() => true)
      .catch((error: unknown) => {
        log.error('a part could not be stopped', { part: name, error });
        return true;
      });
    const inTime = await Promise.race([released, late]);
    clearTimeout(timer);
    if (!inTime) log.warn('a part does not stop in time', { part: name });
    return inTime;
  };

  return {
    add: (name, release) => {
      entries.push({ name, release });
    },
    releaseAll: async (withinMs) => {
      const endsAt = monotonicMs() + withinMs;
      let all = true;
      for (const { name, release } of entries.splice(0).toReversed()) {
        all = (await releaseOne(name, release, endsAt - monotonicMs())) && all;
      }
      return all;
    },
  };
};

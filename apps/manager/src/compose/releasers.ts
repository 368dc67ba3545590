/** What was started and is to be stopped, in reverse order, within a time for all of it. */
import type { Log } from '../log.ts';

type Release = () => void | Promise<void>;

export interface Releasers {
  /**
   * With `withinMs`, those that are stopped after it do not wait longer for it. Where a stranger
   * decides how long it takes, it must not use up the time that the last write needs.
   */
  add(name: string, release: Release, withinMs?: number): void;
  /** Each is tried, whatever becomes of the others; false: not all of them ended in time. */
  releaseAll(withinMs: number): Promise<boolean>;
}

export const makeReleasers = (log: Log, monotonicMs: () => number): Releasers => {
  const entries: {
    readonly name: string;
    readonly release: Release;
    readonly withinMs: number;
  }[] = [];

  /** False: it takes longer than there is time. What comes after it is stopped all the same. */
  const releaseOne = async (name: string, release: Release, ms: number) => {
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
    add: (name, release, withinMs = Number.POSITIVE_INFINITY) => {
      entries.push({ name, release, withinMs });
    },
    releaseAll: async (withinMs) => {
      const endsAt = monotonicMs() + withinMs;
      let all = true;
      for (const { name, release, withinMs: own } of entries.splice(0).toReversed()) {
        const ms = Math.min(own, endsAt - monotonicMs());
        all = (await releaseOne(name, release, ms)) && all;
      }
      return all;
    },
  };
};

/** Deletes runs that are old or too many, a few at a time, with their output. */
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import { makeRepeating, type Repeating } from '../store/repeating.ts';
import { deleteOldRuns } from './sql/delete-old-runs.ts';

/** A run may have gigabytes of output. */
const AT_ONCE = 10;
const BETWEEN_MS = 1_000;
const INTERVAL_MS = 10 * 60_000;

export interface RunUpkeep extends Pick<Repeating, 'run' | 'start' | 'stop'> {
  deleted(): number;
}

export const makeRunUpkeep = ({
  database,
  keepMs,
  maxRuns,
  now,
  log,
}: {
  readonly database: Database;
  readonly keepMs: number;
  readonly maxRuns: number;
  readonly now: () => number;
  readonly log: Log;
}): RunUpkeep => {
  let deleted = 0;
  let isMore = false;
  const repeating = makeRepeating(
    async () => {
      try {
        const endedBeforeMs = now() - keepMs;
        const count = await deleteOldRuns(database, {
          endedBeforeMs,
          keep: maxRuns,
          max: AT_ONCE,
        });
        deleted += count;
        isMore = count === AT_ONCE;
        return true;
      } catch (error) {
        isMore = false;
        log.warn('old runs cannot be deleted', { error });
        return false;
      }
    },
    () => (isMore ? BETWEEN_MS : INTERVAL_MS),
  );
  return {
    run: () => repeating.run(),
    start: () => repeating.start(),
    stop: () => repeating.stop(),
    deleted: () => deleted,
  };
};

/** Writes rows into the partitions of their moments, which are made where they are not there yet. */
import { sqlStateOf } from './failure.ts';
import { insertIsolating, type Isolated } from './isolate.ts';
import type { Partitions } from './partitions.ts';
import type { WriteState } from './write-state.ts';

/** What Postgres says of a row that has no partition. */
const CHECK_VIOLATION = '23514';

const spanOf = (moments: readonly number[]): readonly [oldest: number, newest: number] => {
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  for (const moment of moments) {
    oldest = Math.min(oldest, moment);
    newest = Math.max(newest, moment);
  }
  return [oldest, newest];
};

/** `insert` writes rows `from` to `to` at once or not at all. */
export const insertPartitioned = async ({
  partitions,
  series,
  moments,
  insert,
  state,
}: {
  readonly partitions: Pick<Partitions, 'ensure' | 'forget'>;
  readonly series: Parameters<Partitions['ensure']>[0];
  /** One for each row. */
  readonly moments: readonly number[];
  readonly insert: (from: number, to: number) => Promise<number>;
  readonly state: Pick<WriteState, 'isRefusal'>;
}): Promise<Isolated> => {
  const [oldest, newest] = spanOf(moments);
  await partitions.ensure(series, oldest, newest);
  try {
    return { written: await insert(0, moments.length), refused: 0, firstError: undefined };
  } catch (error) {
    if (!state.isRefusal(error)) throw error;
    if (sqlStateOf(error) === CHECK_VIOLATION) {
      // It was dropped meanwhile: for the room that it took, or by a manager with other settings.
      partitions.forget();
      await partitions.ensure(series, oldest, newest);
    }
  }
  return insertIsolating(moments.length, insert, state.isRefusal);
};

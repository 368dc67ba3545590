/** Writes rows into the partitions of their moments, which are made where they are not there yet. */
import { sqlStateOf } from './failure.ts';
import { insertIsolating, type Isolated } from './isolate.ts';
import type { Partitions } from './partitions.ts';
import { floorTo, tableOf } from './tiers.ts';
import type { WriteState } from './write-state.ts';

/** What Postgres says of a row that has no partition. */
const CHECK_VIOLATION = '23514';

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
  const { widthMs } = tableOf(series);
  // Not for all between them: one old row would make a partition for each hour since.
  const starts = new Set(moments.map((moment) => floorTo(moment, widthMs)));
  const ensure = async (): Promise<void> => {
    for (const start of starts) await partitions.ensure(series, start, start);
  };
  await ensure();
  try {
    return { written: await insert(0, moments.length), refused: 0, firstError: undefined };
  } catch (error) {
    if (!state.isRefusal(error)) throw error;
    if (sqlStateOf(error) === CHECK_VIOLATION) {
      // It was dropped meanwhile: for the room that it took, or by a manager with other settings.
      partitions.forget();
      await ensure();
    }
  }
  return insertIsolating(moments.length, insert, state.isRefusal);
};

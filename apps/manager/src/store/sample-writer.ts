/** Writes one batch of samples: its partitions, its rows, and what has to be rolled up again. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { encodeBatch } from './batch-encoding.ts';
import { sqlStateOf } from './failure.ts';
import { insertIsolating, type Isolated } from './isolate.ts';
import type { Partitions } from './partitions.ts';
import type { SampleBatch } from './sample-batch.ts';
import { insertSamples } from './sql/insert-samples.ts';
import { lockTiers, rewindTiers } from './sql/rewind-tiers.ts';

/** What Postgres says of a row that has no partition. */
const CHECK_VIOLATION = '23514';

export type WriteSamples = (
  batch: SampleBatch,
  isRefusal: (error: unknown) => boolean,
) => Promise<Isolated>;

export const makeSampleWriter = ({
  database,
  partitions,
  clock,
  lateMs,
}: {
  readonly database: Database;
  readonly partitions: Pick<Partitions, 'ensure' | 'forget'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly lateMs: number;
}): WriteSamples => {
  /** One statement, or for rows whose step may be done already one transaction. */
  const insert = (
    batch: SampleBatch,
    from: number,
    to: number,
    oldest: number,
  ): Promise<number> => {
    const columns = encodeBatch(batch, from, to);
    if (clock.now() - oldest <= lateMs) return insertSamples(database, columns);
    return database.transaction(async (transaction) => {
      await lockTiers(transaction);
      const written = await insertSamples(transaction, columns);
      // Also when no row was new: an earlier attempt may have written them without an answer.
      await rewindTiers(transaction, oldest);
      return written;
    });
  };

  const write = async (
    batch: SampleBatch,
    isRefusal: (error: unknown) => boolean,
    oldest: number,
    newest: number,
  ): Promise<Isolated> => {
    await partitions.ensure('raw', oldest, newest);
    try {
      return {
        written: await insert(batch, 0, batch.rows, oldest),
        refused: 0,
        firstError: undefined,
      };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (sqlStateOf(error) === CHECK_VIOLATION) {
        partitions.forget();
        await partitions.ensure('raw', oldest, newest);
      }
    }
    return insertIsolating(batch.rows, (from, to) => insert(batch, from, to, oldest), isRefusal);
  };

  return async (batch, isRefusal) => {
    const { oldest, newest } = batch;
    if (oldest === undefined || newest === undefined) {
      return { written: 0, refused: 0, firstError: undefined };
    }
    const wasLate = clock.now() - oldest > lateMs;
    const isolated = await write(batch, isRefusal, oldest, newest);
    // Postgres took its time: another manager may have rolled up these steps meanwhile.
    if (!wasLate && clock.now() - oldest > lateMs) {
      await database.transaction(async (transaction) => {
        await lockTiers(transaction);
        await rewindTiers(transaction, oldest);
      });
    }
    return isolated;
  };
};

/** Makes a partition, unless there is one of that name. */
import type { Database } from '../../database/database.ts';
import { LOCK_CLASS, PARTITIONS_LOCK } from '../advisory-locks.ts';

export interface NewPartition {
  readonly parent: string;
  /** Made of the parent's name and a date: both are ours. */
  readonly name: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Made beside the parent and attached: CREATE TABLE … PARTITION OF would lock the parent against
 * readers and writers, and wait for all of those that are under way.
 */
export const createPartition = (
  database: Database,
  { parent, name, fromMs, untilMs }: NewPartition,
): Promise<void> =>
  database.transaction(async (transaction) => {
    await transaction.query({ text: `SET LOCAL lock_timeout = '2s'` });
    await transaction.query({
      text: 'SELECT pg_advisory_xact_lock($1::int4, $2::int4)',
      values: [LOCK_CLASS, PARTITIONS_LOCK],
    });
    const attached = await transaction.query({
      text: 'SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass($1::text)',
      values: [name],
    });
    if (attached.rowCount > 0) return;
    await transaction.query({
      text: `CREATE TABLE IF NOT EXISTS ${name}
             (LIKE ${parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)`,
    });
    const from = new Date(fromMs).toISOString();
    const until = new Date(untilMs).toISOString();
    await transaction.query({
      text: `ALTER TABLE ${parent} ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${until}')`,
    });
  });

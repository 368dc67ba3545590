/**
 * The partitions of the tiers' tables: made ahead of time and on demand, dropped once they are too
 * old and the next tier has been computed from them. Several managers may do this at once.
 */
import type { Tier } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { Database, Queryable } from '../database/database.ts';
import { sqlStateOf } from './failure.ts';
import { createPartition } from './sql/create-partition.ts';
import { dropPartition } from './sql/drop-partition.ts';
import { getTiers } from './sql/get-tiers.ts';
import { listPartitions } from './sql/list-partitions.ts';
import { floorTo, ROLLED_TIERS, tableOf, TIER_TABLES, type Retention } from './tiers.ts';

const LOCK_NOT_AVAILABLE = '55P03';

export interface Partition {
  readonly name: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface MaintainedPartitions {
  readonly created: number;
  readonly dropped: number;
  /** Too old, but in use just now: the next round tries again. */
  readonly busy: number;
}

export interface Partitions {
  /** Makes what is missing for rows from `fromMs` to `toMs`; both belong to it. */
  ensure(tier: Tier, fromMs: number, toMs: number): Promise<number>;
  /** For whoever was told that a partition is missing: what was known may be out of date. */
  forget(): void;
  list(tier: Tier, database?: Queryable): Promise<readonly Partition[]>;
  maintain(): Promise<MaintainedPartitions>;
}

/** `sample_p20261120t0800`: in UTC, and sorted as time is. */
export const partitionName = (table: string, fromMs: number): string => {
  const [day = '', time = ''] = new Date(fromMs).toISOString().split('T');
  return `${table}_p${day.replaceAll('-', '')}t${time.slice(0, 5).replace(':', '')}`;
};

export const makePartitions = ({
  database,
  clock,
  keepMs,
}: {
  readonly database: Database;
  readonly clock: Pick<Clock, 'now'>;
  readonly keepMs: Retention;
}): Partitions => {
  /** What is known to be there: by the start of each partition. */
  const known = new Map<Tier, Set<number>>();

  const list = async (tier: Tier, queryable: Queryable = database): Promise<Partition[]> => {
    const rows = await listPartitions(queryable, [tableOf(tier).table]);
    const partitions = rows.map(({ name, from_ms, until_ms }) => ({
      name,
      fromMs: from_ms,
      untilMs: until_ms,
    }));
    known.set(tier, new Set(partitions.map((partition) => partition.fromMs)));
    return partitions;
  };

  const ensure = async (tier: Tier, fromMs: number, toMs: number): Promise<number> => {
    const { table, widthMs } = tableOf(tier);
    let created = 0;
    if (!known.has(tier)) await list(tier);
    for (let start = floorTo(fromMs, widthMs); start <= toMs; start += widthMs) {
      if (known.get(tier)?.has(start) === true) continue;
      await createPartition(database, {
        parent: table,
        name: partitionName(table, start),
        fromMs: start,
        untilMs: start + widthMs,
      });
      const starts = known.get(tier) ?? new Set();
      known.set(tier, starts.add(start));
      created++;
    }
    return created;
  };

  const dropExpired = async (
    tier: Tier,
    doneUntil: number,
  ): Promise<{ dropped: number; busy: number }> => {
    let dropped = 0;
    let busy = 0;
    for (const { name, fromMs, untilMs } of await list(tier)) {
      if (untilMs > Math.min(clock.now() - keepMs[tier], doneUntil)) continue;
      // Forgotten first: whoever writes into it meanwhile makes it again, and does not miss it.
      known.get(tier)?.delete(fromMs);
      try {
        await dropPartition(database, name);
        dropped++;
      } catch (error) {
        if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
        busy++;
      }
    }
    return { dropped, busy };
  };

  return {
    ensure,
    forget: () => known.clear(),
    list,
    maintain: async () => {
      let created = 0;
      let dropped = 0;
      let busy = 0;
      for (const { name, widthMs } of TIER_TABLES) {
        // Afresh: another manager may have made or dropped some.
        await list(name);
        created += await ensure(name, clock.now(), clock.now() + widthMs);
      }
      const doneUntil = await getTiers(database);
      for (const { name } of TIER_TABLES) {
        const reader = ROLLED_TIERS.find((tier) => tier.source === name);
        const readUntil =
          reader === undefined
            ? Number.POSITIVE_INFINITY
            : (doneUntil.get(reader.name) ?? Number.NEGATIVE_INFINITY);
        const round = await dropExpired(name, readUntil);
        dropped += round.dropped;
        busy += round.busy;
      }
      return { created, dropped, busy };
    },
  };
};

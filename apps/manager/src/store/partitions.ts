/**
 * The partitions of the tables that hold time: made ahead of time and on demand, dropped once they
 * are too old and the next tier has been computed from them. Several managers may do this at once.
 *
 * The clock alone is not believed: a machine that starts with a wrong year would drop all that there
 * is. Partitions are made hour by hour while a manager runs, and not when the clock jumps, so they
 * tell how much time has really gone by.
 */
import type { Clock } from '../clock.ts';
import type { Database, Queryable } from '../database/database.ts';
import { sqlStateOf } from './failure.ts';
import { createPartition } from './sql/create-partition.ts';
import { dropPartition } from './sql/drop-partition.ts';
import { getTiers } from './sql/get-tiers.ts';
import { listPartitions } from './sql/list-partitions.ts';
import {
  floorTo,
  KEEP_LOGS_MS,
  KEEP_PROCESSES_MS,
  RAW,
  ROLLED_TIERS,
  SERIES_TABLES,
  tableOf,
  type Retention,
  type SeriesName,
} from './tiers.ts';

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
  ensure(name: SeriesName, fromMs: number, toMs: number): Promise<number>;
  /** For whoever was told that a partition is missing: what was known may be out of date. */
  forget(): void;
  list(name: SeriesName, database?: Queryable): Promise<readonly Partition[]>;
  maintain(): Promise<MaintainedPartitions>;
}

/** `sample_p20261120t0800`: in UTC, and sorted as time is. */
export const partitionName = (table: string, fromMs: number): string => {
  const [day = '', time = ''] = new Date(fromMs).toISOString().split('T');
  return `${table}_p${day.replaceAll('-', '')}t${time.slice(0, 5).replace(':', '')}`;
};

/** Time for somebody, or NTP, to put the clock right. */
const TRUSTED_AFTER_HOURS = 6;

/**
 * Whether managers have run for some hours up to now, without a gap. After a jump of the clock, and
 * after an outage, which looks the same, nothing is dropped for as long.
 */
const isClockTrusted = (
  raw: readonly Partition[],
  { keepRawMs, now }: { readonly keepRawMs: number; readonly now: number },
): boolean => {
  const starts = new Set(raw.map(({ fromMs }) => fromMs));
  const current = floorTo(now, RAW.widthMs);
  const hours = Math.min(TRUSTED_AFTER_HOURS, Math.floor(keepRawMs / RAW.widthMs));
  return Array.from({ length: hours + 1 }, (_, back) => current - back * RAW.widthMs).every(
    (start) => starts.has(start),
  );
};

/** By the clock, and by how many have come since: a clock that stays wrong takes a few at most. */
const isExpired = (
  { untilMs }: Partition,
  all: readonly Partition[],
  {
    widthMs,
    keepMs,
    now,
  }: { readonly widthMs: number; readonly keepMs: number; readonly now: number },
): boolean => {
  if (untilMs > now - keepMs) return false;
  const newer = all.filter(({ fromMs }) => fromMs >= untilMs && fromMs <= now).length;
  return newer >= Math.ceil(keepMs / widthMs);
};

export const makePartitions = ({
  database,
  clock,
  keepMs: keepTiersMs,
  keepProcessesMs = KEEP_PROCESSES_MS,
  keepLogsMs = KEEP_LOGS_MS,
}: {
  readonly database: Database;
  readonly clock: Pick<Clock, 'now'>;
  readonly keepMs: Retention;
  readonly keepProcessesMs?: number;
  readonly keepLogsMs?: number;
}): Partitions => {
  const keepMs: Readonly<Record<SeriesName, number>> = {
    ...keepTiersMs,
    processes: keepProcessesMs,
    logs: keepLogsMs,
  };
  /** What is known to be there: by the start of each partition. */
  const known = new Map<SeriesName, Set<number>>();

  const list = async (
    series: SeriesName,
    queryable: Queryable = database,
  ): Promise<Partition[]> => {
    const rows = await listPartitions(queryable, [tableOf(series).table]);
    const partitions = rows.map(({ name, from_ms, until_ms }) => ({
      name,
      fromMs: from_ms,
      untilMs: until_ms,
    }));
    known.set(series, new Set(partitions.map((partition) => partition.fromMs)));
    return partitions;
  };

  const ensure = async (series: SeriesName, fromMs: number, toMs: number): Promise<number> => {
    const { table, widthMs } = tableOf(series);
    let created = 0;
    if (!known.has(series)) await list(series);
    for (let start = floorTo(fromMs, widthMs); start <= toMs; start += widthMs) {
      if (known.get(series)?.has(start) === true) continue;
      await createPartition(database, {
        parent: table,
        name: partitionName(table, start),
        fromMs: start,
        untilMs: start + widthMs,
      });
      const starts = known.get(series) ?? new Set();
      known.set(series, starts.add(start));
      created++;
    }
    return created;
  };

  const dropExpired = async (
    series: SeriesName,
    doneUntil: number,
  ): Promise<{ dropped: number; busy: number }> => {
    let dropped = 0;
    let busy = 0;
    const { widthMs } = tableOf(series);
    const all = await list(series);
    const age = { widthMs, keepMs: keepMs[series], now: clock.now() };
    for (const partition of all) {
      const { name, fromMs, untilMs } = partition;
      if (untilMs > doneUntil || !isExpired(partition, all, age)) continue;
      // Forgotten first: whoever writes into it meanwhile makes it again, and does not miss it.
      known.get(series)?.delete(fromMs);
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
      for (const { name, widthMs } of SERIES_TABLES) {
        // Afresh: another manager may have made or dropped some.
        await list(name);
        created += await ensure(name, clock.now(), clock.now() + widthMs);
      }
      const trust = { keepRawMs: keepMs.raw, now: clock.now() };
      if (!isClockTrusted(await list('raw'), trust)) return { created, dropped, busy };
      const doneUntil = await getTiers(database);
      for (const { name } of SERIES_TABLES) {
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

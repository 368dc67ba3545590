/**
 * The tables that samples end up in, finest first: how wide their steps and partitions are, and
 * which one each is computed from. And those of processes and log lines, which have no steps.
 *
 * Steps and widths count from the unix epoch, and each divides the next ones: a step never lies in
 * two partitions.
 */
import type { Tier } from '@innkeeper/protocol';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface TierTable {
  readonly name: Tier;
  readonly table: string;
  readonly widthMs: number;
}

export interface RolledTier extends TierTable {
  readonly stepMs: number;
  readonly source: Tier;
}

export const RAW = { name: 'raw', table: 'sample', widthMs: HOUR_MS } as const satisfies TierTable;

export const ROLLED_TIERS: readonly RolledTier[] = [
  { name: '10s', table: 'roll_10s', stepMs: 10 * SECOND_MS, widthMs: 4 * HOUR_MS, source: 'raw' },
  { name: '1m', table: 'roll_1m', stepMs: MINUTE_MS, widthMs: DAY_MS, source: '10s' },
  { name: '15m', table: 'roll_15m', stepMs: 15 * MINUTE_MS, widthMs: 7 * DAY_MS, source: '1m' },
  { name: '1h', table: 'roll_1h', stepMs: HOUR_MS, widthMs: 30 * DAY_MS, source: '15m' },
];

export const TIER_TABLES: readonly TierTable[] = [RAW, ...ROLLED_TIERS];

/** No tier: nothing is computed from it. */
const PROCESSES = {
  name: 'processes',
  table: 'process_snapshot',
  widthMs: DAY_MS,
} as const;
export const KEEP_PROCESSES_MS = 7 * DAY_MS;

/** Narrow, so that the size cap takes no more of the past than it must. */
const LOGS = { name: 'logs', table: 'kept_log', widthMs: 6 * HOUR_MS } as const;
export const KEEP_LOGS_MS = 14 * DAY_MS;

/** Whatever has partitions. */
export type SeriesName = Tier | 'processes' | 'logs';

export interface SeriesTable {
  readonly name: SeriesName;
  readonly table: string;
  readonly widthMs: number;
}

export const SERIES_TABLES: readonly SeriesTable[] = [...TIER_TABLES, PROCESSES, LOGS];

export const tableOf = (name: SeriesName): SeriesTable => {
  const found = SERIES_TABLES.find((table) => table.name === name);
  if (found === undefined) throw new Error(`there is no table of ${name}`);
  return found;
};

/** How long each tier is kept. */
export type Retention = Readonly<Record<Tier, number>>;

export const floorTo = (ms: number, stepMs: number): number => Math.floor(ms / stepMs) * stepMs;

/**
 * Each tier is kept at least as long as the one it is computed from: a step that is computed again,
 * because a row came late, needs all of its source.
 */
export const completeRetention = (wanted: Retention): Retention => {
  const keepMs = { ...wanted };
  for (const tier of ROLLED_TIERS) {
    keepMs[tier.name] = Math.max(keepMs[tier.name], keepMs[tier.source]);
  }
  return keepMs;
};

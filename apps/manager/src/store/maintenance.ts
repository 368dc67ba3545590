/**
 * Keeps the tables in order: partitions, roll-ups, events that are too old, and what is left of VMs
 * that are no longer registered. What fails is tried again in the next round, counted, and logged once.
 */
import type { Tier } from '@innkeeper/protocol';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import { describeFailure } from './failure.ts';
import type { Partitions } from './partitions.ts';
import { makeRepeating } from './repeating.ts';
import type { RollUp } from './roll-up.ts';
import { deleteOrphanedLatest } from './sql/delete-orphaned-latest.ts';
import { deleteVmEvents } from './sql/delete-vm-events.ts';
import type { Retention } from './tiers.ts';

const ROUND_MS = 5_000;
/** Of one round: more waits for the next, so that a long way to catch up disturbs nobody. */
const ROLL_UP_MS = 3_000;
const PARTITIONS_EVERY_MS = 60_000;
const EVENTS_EVERY_MS = 60_000;
const EVENT_BATCH = 5_000;
const EVENT_BATCHES_A_ROUND = 10;
/** Kept longest: each tier is kept at least as long as the one before it. */
const COARSEST: Tier = '1h';

type Job = 'partitions' | 'roll-up' | 'events';
const JOBS: readonly Job[] = ['partitions', 'roll-up', 'events'];

export interface MaintenanceHealth {
  /** By job: when it last succeeded, and what is wrong since. */
  readonly jobs: Readonly<
    Record<
      Job,
      { readonly lastSuccessAt: number | undefined; readonly problem: string | undefined }
    >
  >;
  /** When each tier was last found or brought up to date, here or by another manager. */
  readonly tiers: ReadonlyMap<Tier, number>;
  readonly failures: number;
  readonly rolledRows: number;
  readonly partitionsCreated: number;
  readonly partitionsDropped: number;
}

export interface Maintenance {
  /** One round, now. */
  run(): Promise<boolean>;
  start(): void;
  stop(): Promise<void>;
  health(): MaintenanceHealth;
}

export const makeMaintenance = ({
  database,
  partitions,
  rollUp,
  clock,
  log,
  keepMs,
  roundMs = ROUND_MS,
}: {
  readonly database: Database;
  readonly partitions: Pick<Partitions, 'maintain' | 'list'>;
  readonly rollUp: Pick<RollUp, 'run'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly keepMs: Retention;
  readonly roundMs?: number;
}): Maintenance => {
  const lastSuccess = new Map<Job, number>();
  const problems = new Map<Job, string>();
  const tiers = new Map<Tier, number>();
  const counts = { failures: 0, rolledRows: 0, partitionsCreated: 0, partitionsDropped: 0 };
  let isStopping = false;
  let partitionsAt: number | undefined;
  let eventsAt: number | undefined;

  const maintainPartitions = async (): Promise<void> => {
    const now = clock.monotonicMs();
    if (partitionsAt !== undefined && now - partitionsAt < PARTITIONS_EVERY_MS) return;
    const { created, dropped, busy } = await partitions.maintain();
    counts.partitionsCreated += created;
    counts.partitionsDropped += dropped;
    if (busy === 0) partitionsAt = now;
  };

  const rollUpTiers = async (): Promise<void> => {
    const { outcomes, rows } = await rollUp.run(ROLL_UP_MS, () => isStopping);
    counts.rolledRows += rows;
    for (const [tier, outcome] of outcomes) {
      if (outcome !== 'more') tiers.set(tier, clock.now());
    }
  };

  const deleteEvents = async (): Promise<void> => {
    const now = clock.monotonicMs();
    if (eventsAt !== undefined && now - eventsAt < EVENTS_EVERY_MS) return;
    // Not by the clock alone, as in partitions.ts: as long as there are values that they explain.
    const [oldest] = await partitions.list(COARSEST);
    const before = Math.min(clock.now() - keepMs[COARSEST], oldest?.fromMs ?? 0);
    for (let batch = 0; batch < EVENT_BATCHES_A_ROUND; batch++) {
      const deleted = await deleteVmEvents(database, before, EVENT_BATCH);
      if (deleted === EVENT_BATCH) continue;
      await deleteOrphanedLatest(database);
      eventsAt = now;
      return;
    }
  };

  const attempt = async (job: Job, work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
    } catch (error) {
      counts.failures++;
      const problem = describeFailure(error);
      if (!problems.has(job)) log.warn('upkeep of the tables fails', { job, problem });
      problems.set(job, problem);
      return false;
    }
    lastSuccess.set(job, clock.now());
    if (problems.delete(job)) log.info('upkeep of the tables works again', { job });
    return true;
  };

  const rounds = makeRepeating(
    async () => {
      const work = {
        partitions: maintainPartitions,
        'roll-up': rollUpTiers,
        events: deleteEvents,
      } satisfies Record<Job, () => Promise<void>>;
      let isWell = true;
      for (const job of JOBS) isWell = (await attempt(job, work[job])) && isWell;
      return isWell;
    },
    () => roundMs,
  );

  const healthOf = (job: Job) => ({
    lastSuccessAt: lastSuccess.get(job),
    problem: problems.get(job),
  });

  return {
    run: () => rounds.run(),
    start: () => {
      rounds.start();
      rounds.hurry();
    },
    stop: async () => {
      isStopping = true;
      await rounds.stop();
    },
    health: () => ({
      jobs: {
        partitions: healthOf('partitions'),
        'roll-up': healthOf('roll-up'),
        events: healthOf('events'),
      },
      tiers: new Map(tiers),
      ...counts,
    }),
  };
};

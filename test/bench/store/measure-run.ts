/** One run on an empty database: samples in, tiers computed, histories out. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeReadHistory } from '../../../apps/manager/src/history/read-history.ts';
import { latenessOf } from '../../../apps/manager/src/store/lateness.ts';
import { makePartitions } from '../../../apps/manager/src/store/partitions.ts';
import { makeRollUp } from '../../../apps/manager/src/store/roll-up.ts';
import { advanceTier } from '../../../apps/manager/src/store/sql/advance-tier.ts';
import { floorTo, ROLLED_TIERS } from '../../../apps/manager/src/store/tiers.ts';
import { FLUSH_MS, makeWriter } from '../../../apps/manager/src/store/writer.ts';
import { silentLog, withBenchDatabase, type BenchDatabase } from './database.ts';
import type { RollUpFigures, StoreFigures } from './figures.ts';
import { measureHistories } from './histories.ts';
import { measureIngest } from './ingest.ts';
import type { Plan } from './plan.ts';
import { measureRollUp } from './roll-ups.ts';
import { seedTier } from './seed.ts';
import { makeSteppedClock, type SteppedClock } from './stepped-clock.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The manager's defaults. */
const KEEP_MS = {
  raw: 6 * HOUR_MS,
  '10s': DAY_MS,
  '1m': 7 * DAY_MS,
  '15m': 90 * DAY_MS,
  '1h': 400 * DAY_MS,
};

const tierOf = (name: string): (typeof ROLLED_TIERS)[number] => {
  const found = ROLLED_TIERS.find((tier) => tier.name === name);
  if (found === undefined) throw new Error(`there is no tier ${name}`);
  return found;
};

interface RunTools {
  readonly plan: Plan;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

const measure = async (
  running: BenchDatabase,
  clock: SteppedClock,
  { plan, signal, progress }: RunTools,
): Promise<StoreFigures> => {
  const { database } = running;
  const { vms } = plan;
  const partitions = makePartitions({ database, clock, keepMs: KEEP_MS });
  const writer = makeWriter({
    database,
    partitions,
    clock,
    log: silentLog,
    keepRawMs: KEEP_MS.raw,
  });
  const lateness = latenessOf(FLUSH_MS);
  const oldestUnwritten = (): number | undefined => writer.oldestUnwritten();
  const rollUp = makeRollUp({ database, partitions, clock, lateness, oldestUnwritten });

  const start = clock.now();
  await partitions.maintain();
  const ingest = await measureIngest(running, writer, clock, plan);
  await writer.stop(5_000);
  progress(`  ${Math.round(ingest.rows / ingest.seconds)} rows a second`);
  const ended = clock.now();
  const rollUps: RollUpFigures[] = [];
  const roll = async (name: string, fromMs: number, untilMs: number): Promise<void> => {
    await advanceTier(database, tierOf(name).name, fromMs);
    rollUps.push(await measureRollUp(database, rollUp, tierOf(name), { fromMs, untilMs }));
  };
  // Whole steps, all of whose samples are there.
  clock.set(ended + lateness.graceMs);
  await roll('10s', start, floorTo(ended, 10 * SECOND_MS));

  // From here on as if the manager had run for a month and it were `start` just now.
  clock.set(start + lateness.graceMs);
  const hourAgo = start - HOUR_MS;
  const dayAgo = start - DAY_MS;
  const seeds = [
    { tier: '10s', from: start - plan.hoursOf10s * HOUR_MS, until: start, samples: 10 },
    { tier: '1m', from: start - plan.hoursOf1m * HOUR_MS, until: hourAgo, samples: 60 },
    { tier: '1h', from: start - plan.daysOf1h * DAY_MS, until: dayAgo, samples: 3_600 },
  ] as const;
  for (const { tier, from, until, samples } of seeds) {
    signal.throwIfAborted();
    const { stepMs } = tierOf(tier);
    await partitions.ensure(tier, from, until);
    await seedTier(database, { tier, vms, fromMs: from, untilMs: until, stepMs, samples });
  }
  await database.query({ text: 'VACUUM ANALYZE' });
  progress('  tiers are filled');
  await advanceTier(database, '10s', start);
  await roll('1m', hourAgo, start);
  await roll('15m', dayAgo, start);
  await roll('1h', dayAgo, start);
  await database.query({ text: 'VACUUM ANALYZE' });

  const readHistory = makeReadHistory({
    database,
    clock: { now: () => start },
    keepMs: KEEP_MS,
    intervalMs: SECOND_MS,
  });
  const histories = await measureHistories(readHistory, start, plan, signal);
  return { version: running.version, ingest, rollUps, histories };
};

export const measureRun = async (folder: string, tools: RunTools): Promise<StoreFigures> => {
  const dataDir = join(folder, 'store');
  // The beginning of an hour that is over: every tier has a step that begins there.
  const clock = makeSteppedClock(floorTo(Date.now(), HOUR_MS) - HOUR_MS);
  try {
    return await withBenchDatabase(dataDir, tools.signal, async (running) =>
      measure(running, clock, tools),
    );
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
};

/** One fleet: each contender in turn, alone with the guests, from a fresh start. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startFarm } from '../../fakes/guest-farm/farm.ts';
import type { Contender, Counts, Puller } from './contender.ts';
import type { PullFigures } from './figures.ts';
import type { Fleet, Plan } from './plan.ts';
import { readProportional, readUse, sharesBetween } from './use.ts';

export interface FleetTools {
  readonly plan: Pick<Plan, 'warmUpMs' | 'windowMs'>;
  readonly farmPath: string;
  readonly signal: AbortSignal;
}

/** From what is missing it is known to the width of a slot only, a quarter of a percent. */
const missedBetween = (first: Counts, last: Counts, due: number): number => {
  if (first.missed !== undefined && last.missed !== undefined) {
    return (last.missed - first.missed) / due;
  }
  const good = (last.done - first.done) * (1 - last.failingShare);
  return Math.max(0, 1 - good / due);
};

const measureWindow = async (
  puller: Puller,
  farmPid: number,
  { guests, intervalMs }: Fleet,
  { plan, signal }: FleetTools,
): Promise<PullFigures> => {
  await sleep(plan.warmUpMs, undefined, { signal });
  // Who answers for itself does so outside of the time in which CPU is counted, so that both are
  // rates and not sums.
  const first = await puller.counts();
  const before = readUse(puller);
  const farmBefore = readUse({ pid: farmPid, serverPid: undefined });
  await sleep(plan.windowMs, undefined, { signal });
  puller.assertAlive();
  const after = readUse(puller);
  const farmAfter = readUse({ pid: farmPid, serverPid: undefined });
  const memoryBytes = readProportional(puller.pid);
  const serverMemoryBytes = puller.serverPid === undefined ? 0 : readProportional(puller.serverPid);
  const last = await puller.counts();

  const cpu = sharesBetween(before, after);
  const pullsPerMs = (last.done - first.done) / (last.at - first.at);
  if (!(pullsPerMs > 0)) throw new Error('nothing was pulled');
  const due = (guests * (last.at - first.at)) / intervalMs;
  return {
    cpuUsPerPull: (cpu.all / pullsPerMs) * 1_000,
    serverCpuUsPerPull: (cpu.server / pullsPerMs) * 1_000,
    pullsPerSecond: pullsPerMs * 1_000,
    missedShare: missedBetween(first, last, due),
    memoryBytes,
    serverMemoryBytes,
    farmCpuShare: sharesBetween(farmBefore, farmAfter).all,
  };
};

/** On the port that the fleet is known by. */
export const measureContender = async (
  contender: Contender,
  fleet: Fleet,
  farmPort: number,
  tools: FleetTools,
): Promise<PullFigures> => {
  const farm = await startFarm({
    path: tools.farmPath,
    guests: fleet.guests,
    isOld: contender.isFarmOld,
    port: farmPort,
  });
  try {
    const puller = await contender.start(fleet, farm.port);
    try {
      return await measureWindow(puller, farm.pid, fleet, tools);
    } finally {
      await puller.stop();
    }
  } finally {
    await farm.stop();
  }
};

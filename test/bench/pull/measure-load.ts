/** The manager alone with a fleet: how late it is, what it misses, and what is busy. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startFarm } from '../../fakes/guest-farm/farm.ts';
import { freePort } from '../../support/service-process.ts';
import type { LoadFigures } from './figures.ts';
import { boundMs, countsBetween } from './manager-metrics.ts';
import { prepareData, startManager, type ManagerTools } from './our-manager.ts';
import { wellGuests, type Fleet } from './plan.ts';
import { readProportional, readUse, sharesBetween } from './use.ts';

export interface LoadTools extends ManagerTools {
  readonly farmPath: string;
}

const nonZero = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

export const measureLoad = async (
  fleet: Fleet,
  { warmUpMs, windowMs }: { readonly warmUpMs: number; readonly windowMs: number },
  tools: LoadTools,
): Promise<LoadFigures> => {
  const { signal } = tools;
  const { guests, silent, drip, garbage, intervalMs } = fleet;
  const port = await freePort();
  const data = await prepareData(tools, fleet, port);
  const farm = await startFarm({ path: tools.farmPath, guests, silent, drip, garbage, port });
  try {
    const manager = await startManager(tools, data, intervalMs);
    try {
      await sleep(warmUpMs, undefined, { signal });
      const first = await manager.metrics();
      const before = readUse(manager);
      const farmBefore = readUse({ pid: farm.pid, serverPid: undefined });
      await sleep(windowMs, undefined, { signal });
      manager.assertAlive();
      const after = readUse(manager);
      const farmAfter = readUse({ pid: farm.pid, serverPid: undefined });
      const memoryBytes = readProportional(manager.pid);
      const last = await manager.metrics();
      const counts = countsBetween(first, last);
      const { ok: done = 0, ...failures } = counts.pulls;
      const seconds = (last.at - first.at) / 1_000;
      const turns = (seconds * 1_000) / intervalMs;
      const cpu = sharesBetween(before, after);
      return {
        fleet,
        p50Ms: boundMs(counts.lateness, 50),
        p99Ms: boundMs(counts.lateness, 99),
        wellShare: done / (wellGuests(fleet) * turns),
        missedShare: (sumOf(failures) + sumOf(counts.leftOut)) / (guests * turns),
        failures: nonZero(failures),
        leftOut: nonZero(counts.leftOut),
        pullsPerSecond: done / seconds,
        nodeCpuShare: cpu.all - cpu.server,
        serverCpuShare: cpu.server,
        farmCpuShare: sharesBetween(farmBefore, farmAfter).all,
        memoryBytes,
      };
    } finally {
      await manager.stop();
    }
  } finally {
    await farm.stop();
  }
};
